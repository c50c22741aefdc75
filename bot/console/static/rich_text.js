// The rich_text block (docs.slack.dev/reference/block-kit/blocks/rich-text-block).
import { h } from "./dom.js";
import { codebox, emoji, link, person } from "./mrkdwn.js";

export function richText(block, ctx) {
  return h("div", { class: "rich" }, block.elements.map((each) => part(each, ctx)));
}

function part(element, ctx) {
  const lines = () => element.elements.map((each) => inline(each, ctx));
  switch (element.type) {
    case "rich_text_preformatted":
      return codebox(element.elements.map((each) => (each.text ?? each.url).replaceAll("&", "&amp;")).join(""));
    case "rich_text_quote":
      return h("blockquote", {}, lines());
    case "rich_text_list": {
      const tag = element.style === "ordered" ? "ol" : "ul";
      const list = h(tag, { class: `indent-${Math.min(element.indent || 0, 4)}` }, element.elements.map(
        (each) => h("li", {}, each.elements.map((one) => inline(one, ctx))),
      ));
      if (tag === "ol" && element.offset) list.start = element.offset + 1;
      return list;
    }
    default:
      return h("div", { class: "rich-line" }, lines());
  }
}

function inline(element, ctx) {
  const style = element.style || {};
  let node = leaf(element, ctx);
  if (style.code) node = h("code", {}, node);
  if (style.bold) node = h("strong", {}, node);
  if (style.italic) node = h("em", {}, node);
  if (style.strike) node = h("s", {}, node);
  if (style.underline) node = h("u", {}, node);
  return node;
}

function leaf(element, ctx) {
  switch (element.type) {
    case "text": return document.createTextNode(element.text);
    case "link": return link(element.url, element.text || element.url);
    case "emoji": return emoji(element.name);
    case "user": return person(element.user_id, ctx);
    case "channel": return h("span", { class: "mention" }, `#${ctx.channelName(element.channel_id)}`);
    case "broadcast": return h("span", { class: "mention me" }, `@${element.range}`);
    case "date": return h("time", {}, element.fallback || new Date(element.timestamp * 1000).toLocaleString());
    default: return document.createTextNode(element.value || element.usergroup_id || "");
  }
}
