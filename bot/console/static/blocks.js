// Blocks of Block Kit as elements.
import { h } from "./dom.js";
import { control } from "./elements.js";
import { mrkdwn, text } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

/** All blocks of a message or view. */
export function blocks(list, ctx) {
  return h("div", { class: "blocks" }, list.map((each) => block(each, ctx)));
}

function block(each, ctx) {
  const make = MAKERS[each.type];
  const node = make ? make(each, ctx) : h("p", { class: "block-unknown" }, `This console does not show ${each.type} blocks.`);
  node.dataset.block = each.block_id || "";
  return node;
}

function header(each, ctx) {
  const node = h("div", { class: "block-header", role: "heading", "aria-level": "3" });
  node.append(...text(each.text, ctx).childNodes);
  return node;
}

function section(each, ctx) {
  const main = h("div", { class: "main" },
    each.text && text(each.text, ctx),
    each.fields && h("div", { class: "fields" }, each.fields.map((field) => text(field, ctx))));
  const side = each.accessory && h("div", { class: "accessory" }, accessory(each, ctx));
  return h("div", { class: "block-section" }, main, side);
}

function accessory(each, ctx) {
  if (each.accessory.type === "image") return picture(each.accessory);
  return control(each.accessory, each, ctx);
}

function picture(image) {
  const address = image.image_url || image.slack_file?.url;
  return h("img", { src: address, alt: image.alt_text, title: image.alt_text });
}

function context(each, ctx) {
  return h("div", { class: "block-context" }, each.elements.map((one) => (
    one.type === "image" ? picture(one) : text(one, ctx)
  )));
}

function actions(each, ctx) {
  return h("div", { class: "block-actions", role: "group", "aria-label": "Actions" },
    each.elements.map((one) => control(one, each, ctx)));
}

function image(each) {
  return h("figure", { class: "block-image" }, each.title && h("figcaption", {}, each.title.text), picture(each));
}

function input(each, ctx) {
  const field = control(each.element, each, ctx);
  const name = `field-${each.block_id}`;
  const isGroup = field.tagName === "FIELDSET";
  field.id = name;
  const label = h(isGroup ? "div" : "label", { class: "label", for: isGroup ? null : name, id: `${name}-label` }, each.label.text,
    each.optional && h("span", { class: "optional" }, " (optional)"));
  field.setAttribute("aria-labelledby", `${name}-label`);
  field.setAttribute("aria-describedby", `${name}-error ${name}-hint`);
  return h("div", { class: "input-block" }, label, field,
    each.hint && h("div", { class: "hint", id: `${name}-hint` }, each.hint.text),
    h("div", { class: "error", id: `${name}-error`, role: "alert" }));
}

function table(each, ctx) {
  const align = (index) => each.column_settings?.[index]?.align || "left";
  const cell = (tag) => (one, index) => h(tag, { class: align(index) }, one.type === "rich_text" ? richText(one, ctx) : one.text);
  const [first, ...rest] = each.rows;
  return h("div", { class: "table-wrap" }, h("table", {},
    h("thead", {}, h("tr", {}, first.map(cell("th")))),
    h("tbody", {}, rest.map((row) => h("tr", {}, row.map(cell("td")))))));
}

/** Standard Markdown, as far as its inline forms go, through the mrkdwn reader. */
function markdown(each, ctx) {
  const source = each.text
    .replaceAll(/^#{1,6}\s+(.*)$/gm, "**$1**")
    .replaceAll(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>")
    .replaceAll(/\*\*([^*\n]+)\*\*/g, "*$1*");
  return mrkdwn(source, ctx);
}

const MAKERS = {
  header,
  section,
  context,
  actions,
  image,
  input,
  table,
  markdown,
  divider: () => h("hr", { class: "block-divider" }),
  rich_text: (each, ctx) => richText(each, ctx),
};
