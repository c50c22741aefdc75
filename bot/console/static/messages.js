// Messages of a channel or thread.
import { blocks } from "./blocks.js";
import { clock, day, h, icon, settle } from "./dom.js";
import { emoji, mrkdwn } from "./mrkdwn.js";

const HUES = { U0ANA: 0, U0BEN: 1, U0GUEST: 2 };

export function avatar(person, size = "") {
  if (person.is_bot && person.name === "tessera") {
    return h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, h("img", { src: "/static/tessera.svg", alt: "" }));
  }
  const initials = person.real_name.split(" ").map((each) => each[0]).join("").slice(0, 2);
  return h("span", { class: `avatar ${size} hue-${HUES[person.id] ?? 4}`, "aria-hidden": "true" }, initials);
}

/** The author of a message; Slack's own voice for what no person and no app wrote. */
export function author(message, ctx) {
  return ctx.people.get(message.user) || { id: message.user, name: "slack", real_name: "Slack", is_bot: true };
}

/** One message, with its thread's summary when `thread` gives the replies. */
export function messageNode(message, ctx, { replies = [], openThread = null } = {}) {
  const who = author(message, ctx);
  const local = {
    ...ctx,
    act: (block, element, value) => ctx.actOnMessage(message, block, element, value),
    suggest: (block, element, typed) => ctx.suggestIn({ channel: message.channel, message_ts: message.ts }, block, element, typed),
    stateOf: (element) => stateOf(message, element),
  };
  const head = h("div", { class: "who" },
    h("strong", {}, who.real_name),
    who.is_bot && h("span", { class: "badge" }, "APP"),
    who.is_restricted && h("span", { class: "badge" }, "GUEST"),
    h("time", { dateTime: new Date(message.ts * 1000).toISOString(), title: new Date(message.ts * 1000).toString() }, clock(message.ts)));
  return h("article", {
    class: message.ephemeral ? "message ephemeral" : "message",
    "aria-label": `${who.real_name}, ${clock(message.ts)}${message.ephemeral ? ", only visible to you" : ""}`,
    dataset: { ts: message.ts },
  },
  avatar(who),
  h("div", { class: "body" },
    message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
    head,
    content(message, local),
    (message.files || []).map(file),
    reactions(message),
    replies.length > 0 && openThread && summary(message, replies, ctx, openThread)),
  openThread && !message.ephemeral && h("div", { class: "tools" },
    ctx.shortcuts.map((each) => h("button", { type: "button", onclick: () => ctx.choose(each, message) }, each.name)),
    h("button", { type: "button", onclick: () => openThread(message.ts) }, icon("reply"), "Reply in thread")));
}

/** What was chosen in a message's menu before it was drawn anew. */
function stateOf(message, element) {
  const states = Object.values(message.state || {}).map((each) => each[element.action_id]).filter(Boolean);
  const [state] = states;
  if (!state) return undefined;
  if (state.selected_options) return state.selected_options.map((each) => each.value);
  return state.selected_option?.value ?? state.selected_user ?? state.selected_channel ?? state.selected_date ?? state.value;
}

function content(message, ctx) {
  const body = message.blocks?.length ? blocks(message.blocks, ctx) : mrkdwn(message.text, ctx);
  if (message.edited) (body.lastElementChild || body).append(h("span", { class: "edited" }, " (edited)"));
  return body;
}

function file(each) {
  const isImage = each.mimetype.startsWith("image/");
  return h("div", { class: "file" },
    h("div", { class: "name" }, h("a", { href: each.url_private, target: "_blank", rel: "noreferrer" }, each.title),
      h("small", {}, size(each.size))),
    isImage && h("img", { src: each.url_private, alt: each.alt_txt || each.title }),
    each.preview && h("pre", {}, each.preview));
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} KiB`;
}

function reactions(message) {
  if (!message.reactions) return null;
  return h("div", { class: "reactions" }, message.reactions.map((each) => h("span", { class: "reaction" }, emoji(each.name), ` ${each.count}`)));
}

function summary(message, replies, ctx, openThread) {
  const people = [...new Map(replies.map((each) => [each.user, author(each, ctx)])).values()].slice(0, 4);
  return h("button", { type: "button", class: "replies-bar", onclick: () => openThread(message.ts) },
    people.map((each) => avatar(each, "tiny")),
    h("b", {}, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
    h("span", { class: "last" }, `last at ${clock(replies.at(-1).ts)}`));
}

/**
 * A column of messages, with days between them, or the count of replies below a thread's root.
 *
 * What is shown already stays the same node: text that a person marks, a menu that is open and a picture outlive the
 * changes of other messages.
 */
export class Column {
  constructor(box) {
    this.box = box;
    this.drawn = new Map();
  }

  show(list, ctx, options) {
    const drawn = new Map();
    const nodes = [];
    const add = (key, content, make) => {
      const before = this.drawn.get(key);
      const one = before?.content === content ? before : { content, node: make() };
      drawn.set(key, one);
      nodes.push(one.node);
    };
    const rule = (key, words, kind = "") => add(key, words, () => h("div", { class: `day ${kind}`, role: "separator" }, words));
    let before = null;
    for (const message of list) {
      const when = day(message.ts);
      if (!options.inThread && (!before || day(before.ts) !== when)) rule(`before ${message.ts}`, when);
      const replies = options.repliesOf(message);
      const content = JSON.stringify([ctx.me, message, replies.map((each) => [each.user, each.ts])]);
      add(message.ts, content, () => messageNode(message, ctx, { replies, openThread: options.openThread }));
      if (options.inThread && !before && list.length > 1) {
        const count = list.length - 1;
        rule("count", count === 1 ? "1 reply" : `${count} replies`, "count");
      }
      before = message;
    }
    this.drawn = drawn;
    settle(this.box, nodes);
  }
}
