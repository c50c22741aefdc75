// The confirmation dialog that an element may ask for.
import { h } from "./dom.js";
import { text } from "./mrkdwn.js";

const NOBODY = { people: new Map(), channelName: (id) => id };

/** Ask; resolves to whether the person agreed. */
export function confirmed(question) {
  const dialog = document.getElementById("confirm");
  return new Promise((resolve) => {
    const deny = h("button", { type: "button", class: "button", onclick: () => dialog.close("no") }, question.deny.text);
    const agree = h("button", {
      type: "button",
      class: `button ${question.style === "danger" ? "danger" : "primary"}`,
      onclick: () => dialog.close("yes"),
    }, question.confirm.text);
    dialog.replaceChildren(
      h("div", { class: "modal-head" }, h("h2", { id: "confirm-title" }, question.title.text)),
      h("div", { class: "modal-body" }, text(question.text, NOBODY)),
      h("div", { class: "modal-foot" }, deny, agree),
    );
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
    deny.focus();
  });
}
