// The modal that a person has open, and the app's Home tab.
import { blocks } from "./blocks.js";
import { h, icon, post } from "./dom.js";

/** Values of a form by block and action id, kept while the view is updated and has the field. */
class Form {
  constructor() { this.values = new Map(); }
  get(name) { return this.values.get(name); }
  set(name, value) { this.values.set(name, value); }

  /** Forget the values of fields that the view has no more: what comes back later begins anew. */
  keepTo(view) {
    const there = new Set(view.blocks.flatMap((block) =>
      [block.element, block.accessory, ...(block.elements || [])].map((one) => `${block.block_id}/${one?.action_id}`)));
    for (const name of this.values.keys()) if (!there.has(name)) this.values.delete(name);
  }
}

/** Shows, updates and closes the one visible modal. */
export class Modal {
  constructor(ctx) {
    this.ctx = ctx;
    this.dialog = document.getElementById("modal");
    this.view = null;
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.closeByPerson();
    });
  }

  /** Show what the console says is open; null closes. */
  show(view, depth) {
    if (!view) {
      this.view = null;
      if (this.dialog.open) this.dialog.close();
      return;
    }
    if (this.view?.id === view.id && this.view.hash === view.hash) return;
    if (this.view?.id !== view.id) this.form = new Form();
    this.form.keepTo(view);
    this.view = view;
    this.draw(depth);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector(".modal-body :is(input, select, textarea)")?.focus();
  }

  draw(depth) {
    const { view } = this;
    const ctx = {
      ...this.ctx,
      form: this.form,
      act: (block, element, value) => this.ctx.actOnView(view, block, element, value),
      suggest: (block, element, typed) => this.ctx.suggestIn({ view_id: view.id }, block, element, typed),
    };
    const body = h("div", { class: "modal-body" }, ...blocks(view.blocks, ctx).childNodes);
    this.trouble = h("p", { class: "trouble", role: "alert" });
    this.submit = view.submit && h("button", { type: "submit", class: "button primary" }, view.submit.text);
    const form = h("form", { noValidate: true, onsubmit: (event) => this.send(event) },
      h("div", { class: "modal-head" }, h("img", { src: "/static/tessera.svg", alt: "" }),
        h("h2", { id: "modal-title" }, view.title.text),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => this.closeByPerson() }, icon("close"))),
      body,
      h("div", { class: "modal-foot" }, this.trouble,
        h("button", { type: "button", class: "button", onclick: () => this.closeByPerson() }, view.close?.text || (depth > 1 ? "Back" : "Close")),
        this.submit));
    this.dialog.replaceChildren(form);
  }

  async send(event) {
    event.preventDefault();
    if (!this.submit || this.submit.getAttribute("aria-busy")) return;
    this.submit.setAttribute("aria-busy", "true");
    try {
      const done = await post("/page/submit", { user: this.ctx.me, values: Object.fromEntries(this.form.values) });
      this.complain(done.errors);
      this.trouble.textContent = done.trouble;
    } catch (error) {
      this.trouble.textContent = error.message;
    } finally {
      this.submit.removeAttribute("aria-busy");
    }
    this.ctx.refresh();
  }

  complain(errors) {
    let first = null;
    for (const node of this.dialog.querySelectorAll(".input-block")) {
      const complaint = errors[node.dataset.block] || "";
      const field = node.querySelector(".field, .choices");
      node.querySelector(".error").textContent = complaint;
      field?.setAttribute("aria-invalid", complaint ? "true" : "false");
      if (complaint && !first) first = field;
    }
    first?.focus();
  }

  async closeByPerson() {
    await post("/page/close", { user: this.ctx.me });
    this.ctx.refresh();
  }
}

/** The Home tab's content. */
export function homeNode(home, ctx) {
  if (!home) {
    return h("div", { class: "empty" }, h("strong", {}, "No Home tab yet"),
      "The bot has not published one for you.");
  }
  return blocks(home.blocks, {
    ...ctx,
    act: (block, element, value) => ctx.actOnView(home, block, element, value),
    suggest: (block, element, typed) => ctx.suggestIn({ view_id: home.id }, block, element, typed),
  });
}
