// A menu whose options the bot offers while somebody types (external_select).
import { h } from "./dom.js";

const PAUSE_MS = 250;
const LEAST_LETTERS = 3;

/** A text field with a list of what the bot offers; `choose(option)` is called with the option taken. */
export function externalSelect(element, block, ctx, choose) {
  const name = `offers-${block.block_id}-${element.action_id}`;
  const list = h("div", { class: "menu left", role: "listbox", id: name, hidden: true });
  const field = h("input", {
    class: "field", type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": name, autocomplete: "off",
    placeholder: element.placeholder?.text || "Type to search", dataset: { action: element.action_id },
    value: element.initial_option?.text.text || "",
  });
  let timer = 0;

  function show(options) {
    list.hidden = !options.length;
    field.setAttribute("aria-expanded", String(options.length > 0));
    list.replaceChildren(...options.map((option) => h("button", {
      type: "button", role: "option", onmousedown: (event) => event.preventDefault(), onclick: () => take(option),
    }, option.text.text)));
  }

  function take(option) {
    field.value = option.text.text;
    show([]);
    choose(option.value);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (field.value.length < (element.min_query_length ?? LEAST_LETTERS)) return show([]);
    timer = setTimeout(async () => show(await ctx.suggest(block, element, field.value)), PAUSE_MS);
    return undefined;
  });
  field.addEventListener("blur", () => show([]));
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "Escape") { event.stopPropagation(); show([]); }
    if (event.key === "Enter") { event.preventDefault(); list.firstElementChild.click(); }
  });
  return h("div", { class: "overflow" }, field, list);
}
