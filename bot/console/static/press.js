// A press takes a moment, and is a click only if what it went down on is there when it comes up.
let held = null;

function began() {
  if (held) return;
  held = {};
  held.over = new Promise((resolve) => { held.end = resolve; });
}

/** The click comes right after the release, in the same turn: what waits goes on in a later one. */
function ended() {
  const press = held;
  held = null;
  if (press) setTimeout(press.end);
}

/** Follow the person's mouse, finger and space bar. */
export function followPresses() {
  document.addEventListener("pointerdown", began, { capture: true });
  document.addEventListener("keydown", (event) => { if (event.key === " ") began(); }, { capture: true });
  for (const name of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(name, ended, { capture: true });
  window.addEventListener("blur", ended);
}

/** Resolves when nothing is pressed; what draws anew waits for it. */
export async function nothingPressed() {
  while (held) await held.over;
}
