// Slack's mrkdwn, read into elements (docs.slack.dev/messaging/formatting-message-text).
import { h } from "./dom.js";

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", rocket: "🚀", eyes: "👀", mag: "🔍", wrench: "🔧", hammer_and_wrench: "🛠️", bulb: "💡",
  book: "📖", books: "📚", memo: "📝", clipboard: "📋", bar_chart: "📊", link: "🔗", lock: "🔒", key: "🔑", gear: "⚙️",
  question: "❓", information_source: "ℹ️", no_entry: "⛔", red_circle: "🔴", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", arrow_right: "➡️",
  point_right: "👉", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", tada: "🎉", wave: "👋", package: "📦",
  whale: "🐳", clock1: "🕐", stopwatch: "⏱️", repeat: "🔁", leftwards_arrow_with_hook: "↩️", octagonal_sign: "🛑",
};

/** A name between colons as its character, with the name for whoever cannot see it. */
export function emoji(name) {
  const sign = EMOJI[name];
  if (!sign) return document.createTextNode(`:${name}:`);
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, sign);
}

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A code block with a button that copies it whole. */
export function codebox(text) {
  const words = unescape(text).replace(/^\n/, "").replace(/\n$/, "");
  const copy = h("button", { type: "button", class: "copy" }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(words);
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  return h("div", { class: "codebox" }, h("pre", {}, words), copy);
}

/** A whole text object, as an element. */
export function text(object, ctx) {
  if (!object) return h("div", { class: "text" });
  if (object.type === "plain_text") return h("div", { class: "text" }, h("p", {}, ...plain(object.text)));
  return mrkdwn(object.text, ctx);
}

/** Plain text in which only emoji names have a meaning. */
export function plain(words) {
  return splitBy(words, /:([a-z0-9_+-]+):/g, (found) => emoji(found[1]), (rest) => [unescape(rest)]);
}

export function mrkdwn(source, ctx) {
  const box = h("div", { class: "text" });
  for (const [index, part] of source.split("```").entries()) {
    const isCode = index % 2 === 1;
    if (isCode) box.append(codebox(part));
    else if (part.trim() || index === 0) box.append(...paragraphs(index ? part.replace(/^\n/, "") : part, ctx));
  }
  return box;
}

function paragraphs(source, ctx) {
  const groups = [];
  for (const line of source.split("\n")) {
    const quoted = /^(&gt;|>)\s?/.test(line);
    const words = quoted ? line.replace(/^(&gt;|>)\s?/, "") : line;
    const last = groups.at(-1);
    if (last && last.quoted === quoted) last.lines.push(words);
    else groups.push({ quoted, lines: [words] });
  }
  return groups
    .map((each) => ({ ...each, words: each.lines.join("\n").replace(/\n+$/, "") }))
    .filter((each) => each.words !== "")
    .map((each) => h(each.quoted ? "blockquote" : "p", {}, ...inline(each.words, ctx)));
}

const HELD = /\uE000(\d+)\uE001/g;

/** Code and angle brackets first: no formatting reaches inside them, but bold may reach around them. */
export function inline(source, ctx) {
  const held = [];
  const marked = source.replaceAll(/[\uE000\uE001]/g, "").replaceAll(/`([^`\n]+)`|<([^<>\n]+)>/g, (_, code, inside) => {
    held.push(code === undefined ? reference(inside, ctx) : h("code", {}, unescape(code)));
    return `\uE000${held.length - 1}\uE001`;
  });
  return styled(marked, held);
}

const STYLES = [
  [/(^|[^\w*])\*(?=\S)([^*\n]*[^\s*])\*(?!\w)/g, "strong"],
  [/(^|[^\w_])_(?=\S)([^_\n]*[^\s_])_(?!\w)/g, "em"],
  [/(^|[^\w~])~(?=\S)([^~\n]*[^\s~])~(?!\w)/g, "s"],
];

function styled(source, held, level = 0) {
  if (level === STYLES.length) return splitBy(source, HELD, (found) => held[Number(found[1])], plain);
  const [pattern, tag] = STYLES[level];
  const parts = [];
  let end = 0;
  for (const found of source.matchAll(pattern)) {
    parts.push(...styled(source.slice(end, found.index) + found[1], held, level + 1));
    parts.push(h(tag, {}, ...styled(found[2], held, level + 1)));
    end = found.index + found[0].length;
  }
  return [...parts, ...styled(source.slice(end), held, level + 1)];
}

function splitBy(source, pattern, make, rest) {
  const parts = [];
  let end = 0;
  for (const found of source.matchAll(pattern)) {
    if (found.index > end) parts.push(...rest(source.slice(end, found.index)));
    parts.push(make(found));
    end = found.index + found[0].length;
  }
  if (end < source.length) parts.push(...rest(source.slice(end)));
  return parts;
}

function reference(inside, ctx) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (target.startsWith("@")) return person(target.slice(1), ctx);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label || ctx.channelName(target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return h("span", { class: "mention me" }, `@${label || target.slice(1)}`);
  if (!/^(https?:|mailto:)/.test(target)) return document.createTextNode(unescape(`<${inside}>`));
  return link(unescape(target), label || unescape(target));
}

export function link(address, label) {
  return h("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, label);
}

export function person(id, ctx) {
  const known = ctx.people.get(id);
  return h("span", { class: id === ctx.me ? "mention me" : "mention" }, `@${known ? known.name : id}`);
}

function date(target, fallback) {
  const [, stamp, format, address] = target.split("^");
  const when = new Date(Number(stamp) * 1000);
  if (!format || Number.isNaN(when.getTime())) return document.createTextNode(fallback);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  const words = format
    .replaceAll("{time_secs}", when.toLocaleTimeString([], { hour12: false }))
    .replaceAll("{time}", time)
    .replaceAll("{date_num}", when.toISOString().slice(0, 10))
    .replaceAll(/\{date[a-z_]*\}/g, when.toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" }))
    .replaceAll("{ago}", `at ${time}`);
  const shown = h("time", { dateTime: when.toISOString(), title: when.toString() }, words);
  return address ? h("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, shown) : shown;
}
