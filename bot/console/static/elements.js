// Interactive elements of Block Kit. `ctx.act` sends what a person did; `ctx.form` collects values in a modal.
import { confirmed } from "./confirm.js";
import { h, icon } from "./dom.js";
import { externalSelect } from "./external_select.js";
import { text } from "./mrkdwn.js";

const words = (object) => (object ? object.text : "");

/** The element as a control; unknown kinds say so. */
export function control(element, block, ctx) {
  const make = MAKERS[element.type];
  return make ? make(element, block, ctx) : h("span", { class: "block-unknown" }, `This console does not show ${element.type}.`);
}

/** Ask if the element says so, then send; the control is busy until the bot acknowledged. */
async function act(node, element, block, ctx, value) {
  if (element.confirm && !(await confirmed(element.confirm))) return false;
  node.setAttribute("aria-busy", "true");
  try {
    await ctx.act(block, element, value);
  } finally {
    node.removeAttribute("aria-busy");
  }
  return true;
}

/** Where a value belongs in a form: an action id is unique in its block only. */
function place(element, block) {
  return `${block.block_id}/${element.action_id}`;
}

function changed(node, element, block, ctx, value) {
  if (ctx.form) ctx.form.set(place(element, block), value);
  const silent = block.type === "input" && !block.dispatch_action;
  if (!silent) act(node, element, block, ctx, value);
}

function held(element, block, ctx, initial) {
  const kept = ctx.form ? ctx.form.get(place(element, block)) : ctx.stateOf?.(element);
  return kept === undefined ? initial : kept;
}

function button(element, block, ctx) {
  const node = h("button", {
    type: "button",
    class: `button ${element.style || ""}`,
    "aria-label": element.accessibility_label,
    dataset: { action: element.action_id },
    onclick: () => {
      if (node.getAttribute("aria-busy")) return;
      if (element.url) window.open(element.url, "_blank", "noopener");
      act(node, element, block, ctx, element.value);
    },
  }, ...text(element.text, ctx).firstChild.childNodes);
  return node;
}

function overflow(element, block, ctx) {
  const menu = h("div", { class: "menu", role: "menu" });
  const node = h("details", { class: "overflow", dataset: { action: element.action_id } },
    h("summary", { "aria-label": "More actions", title: "More actions" }, icon("more")), menu);
  menu.append(...element.options.map((option) => h("button", {
    type: "button",
    role: "menuitem",
    onclick: () => {
      node.open = false;
      if (option.url) window.open(option.url, "_blank", "noopener");
      act(node, element, block, ctx, option.value);
    },
  }, words(option.text), option.description && h("small", {}, words(option.description)))));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !node.open) return;
    event.stopPropagation();
    node.open = false;
    node.querySelector("summary").focus();
  });
  node.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !node.contains(event.relatedTarget)) node.open = false;
  });
  return node;
}

function options(element) {
  const one = (option) => h("option", { value: option.value }, words(option.text));
  if (element.option_groups) {
    return element.option_groups.map((group) => h("optgroup", { label: words(group.label) }, group.options.map(one)));
  }
  return element.options.map(one);
}

function selectOf(element, block, ctx, choices, initial) {
  const shown = held(element, block, ctx, initial);
  const node = h("select", {
    class: "field",
    dataset: { action: element.action_id },
    "aria-label": words(element.placeholder) || "Choose",
  }, h("option", { value: "" }, words(element.placeholder) || "Choose"), choices);
  node.value = shown || "";
  let before = node.value;
  node.addEventListener("change", async () => {
    if (element.confirm && block.type !== "input") {
      const done = await act(node, element, block, ctx, node.value);
      if (!done) node.value = before;
    } else {
      changed(node, element, block, ctx, node.value);
    }
    before = node.value;
  });
  return node;
}

function staticSelect(element, block, ctx) {
  return selectOf(element, block, ctx, options(element), element.initial_option?.value);
}

function offered(element, block, ctx) {
  const node = externalSelect(element, block, ctx, (value) => changed(node, element, block, ctx, value));
  return node;
}

function usersSelect(element, block, ctx) {
  const people = [...ctx.people.values()].filter((each) => !each.is_bot);
  return selectOf(element, block, ctx, people.map((each) => h("option", { value: each.id }, each.real_name)), element.initial_user);
}

function channelsSelect(element, block, ctx) {
  const named = ctx.channels().filter((each) => each.name);
  const initial = element.initial_channel || element.initial_conversation;
  return selectOf(element, block, ctx, named.map((each) => h("option", { value: each.id }, `#${each.name}`)), initial);
}

function multiSelect(element, block, ctx) {
  const chosen = held(element, block, ctx, (element.initial_options || []).map((each) => each.value));
  const node = h("select", { class: "field", multiple: true, dataset: { action: element.action_id } }, options(element));
  for (const option of node.options) option.selected = chosen.includes(option.value);
  node.addEventListener("change", () => {
    changed(node, element, block, ctx, [...node.selectedOptions].map((each) => each.value));
  });
  return node;
}

function choices(element, block, ctx) {
  const many = element.type === "checkboxes";
  const first = many ? (element.initial_options || []).map((each) => each.value) : element.initial_option?.value;
  const chosen = held(element, block, ctx, first) ?? [];
  const name = `${block.block_id}-${element.action_id}`;
  const node = h("fieldset", { class: "choices", dataset: { action: element.action_id } }, element.options.map((option) => h("label", {},
    h("input", {
      type: many ? "checkbox" : "radio",
      name,
      value: option.value,
      checked: many ? chosen.includes(option.value) : chosen === option.value,
    }),
    h("span", {}, text(option.text, ctx), option.description && h("small", {}, words(option.description))))));
  node.addEventListener("change", () => {
    const on = [...node.querySelectorAll("input:checked")].map((each) => each.value);
    changed(node, element, block, ctx, many ? on : on[0]);
  });
  return node;
}

const INPUT_KINDS = {
  plain_text_input: "text", number_input: "text", url_text_input: "url", email_text_input: "email",
  datepicker: "date", timepicker: "time",
};

function typed(element, block, ctx) {
  const initial = element.initial_value ?? element.initial_date ?? element.initial_time;
  const node = h(element.multiline ? "textarea" : "input", {
    class: "field",
    type: element.multiline ? null : INPUT_KINDS[element.type],
    inputMode: element.type === "number_input" ? "decimal" : null,
    placeholder: words(element.placeholder),
    maxLength: element.max_length || 3000,
    dataset: { action: element.action_id },
  });
  node.value = held(element, block, ctx, initial) || "";
  node.addEventListener("input", () => ctx.form?.set(place(element, block), node.value));
  const isPicker = element.type === "datepicker" || element.type === "timepicker";
  if (isPicker) node.addEventListener("change", () => changed(node, element, block, ctx, node.value));
  else if (block.dispatch_action) {
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !element.multiline) {
        event.preventDefault();
        act(node, element, block, ctx, node.value);
      }
    });
  }
  return node;
}

const MAKERS = {
  button,
  overflow,
  static_select: staticSelect,
  external_select: offered,
  users_select: usersSelect,
  channels_select: channelsSelect,
  conversations_select: channelsSelect,
  multi_static_select: multiSelect,
  checkboxes: choices,
  radio_buttons: choices,
  plain_text_input: typed,
  number_input: typed,
  url_text_input: typed,
  email_text_input: typed,
  datepicker: typed,
  timepicker: typed,
};
