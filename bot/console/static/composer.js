// The box in which a person types, with commands and names offered on the way.
import { h } from "./dom.js";

let serial = 0;

/** A composer; `send(text)` resolves to a sentence to show, `offers(text)` gives suggestions. */
export function composer({ label, hint, send, offers, id }) {
  const name = id || `composer-${(serial += 1)}`;
  const area = h("textarea", {
    id: name, rows: 1, placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: false,
    role: "combobox", "aria-expanded": "false", "aria-controls": `${name}-list`, "aria-autocomplete": "list",
  });
  const list = h("div", { class: "suggestions", id: `${name}-list`, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const note = h("div", { class: "hint", role: "status" }, ...hint());
  const button = h("button", { type: "submit", class: "button primary" }, "Send");
  const form = h("form", {}, area, button);
  const node = h("div", { class: "composer" }, list, form, note);
  let chosen = -1;
  let last = "";

  function offer() {
    const found = offers(area.value);
    chosen = found.length ? 0 : -1;
    list.hidden = !found.length;
    area.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(...found.map((each, index) => h("div", {
      role: "option", id: `${name}-${index}`, "aria-selected": String(index === 0), dataset: { text: each.text },
      onmousedown: (event) => { event.preventDefault(); take(each.text); },
    }, h("code", {}, each.title), h("span", { class: "usage" }, each.usage || ""), h("span", { class: "about" }, each.about || ""))));
    mark();
  }

  function mark() {
    [...list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === chosen)));
    if (chosen >= 0) area.setAttribute("aria-activedescendant", `${name}-${chosen}`);
    else area.removeAttribute("aria-activedescendant");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function take(words) {
    area.value = words;
    list.hidden = true;
    area.setAttribute("aria-expanded", "false");
    area.focus();
    grow();
  }

  function grow() {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }

  function tell(words, isProblem) {
    note.classList.toggle("problem", isProblem);
    note.replaceChildren(...(words ? [words] : hint()));
  }

  async function submit() {
    const words = area.value.trim();
    if (!words) return;
    last = words;
    area.value = "";
    list.hidden = true;
    grow();
    tell("Sending…", false);
    try {
      const said = await send(words);
      tell(said.text, Boolean(said.problem));
      if (said.problem) area.value = words;
    } catch (error) {
      area.value = words;
      tell(error.message, true);
    }
  }

  area.addEventListener("input", () => { offer(); grow(); });
  area.addEventListener("blur", () => { list.hidden = true; });
  area.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + list.children.length) % list.children.length;
      mark();
    } else if (event.key === "ArrowUp" && !area.value && last) {
      event.preventDefault();
      take(last);
    } else if (open && event.key === "Tab") {
      event.preventDefault();
      take(list.children[chosen].dataset.text);
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      list.hidden = true;
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const words = open && list.children[chosen]?.dataset.text;
      if (words && words.trim() !== area.value.trim() && words.startsWith(area.value)) take(words);
      else submit();
    }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  return { node, area };
}
