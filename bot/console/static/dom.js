// Building elements without innerHTML: whatever a bot sends stays text.

/** An element with properties, attributes (names with a dash, `role`, `for`), listeners (`onclick`) and children. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name in element && !name.includes("-") && name !== "role" && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

/** Make these nodes the children of a box; those that are there already are not touched. */
export function settle(box, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...box.childNodes]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => { if (box.childNodes[index] !== node) box.insertBefore(node, box.childNodes[index] || null); });
}

const ICONS = {
  reply: "M3 8.5V6a3 3 0 013-3h4a3 3 0 013 3v2a3 3 0 01-3 3H7l-3 2.5V11a3 3 0 01-1-2.5z",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4z",
  check: "M3 8.5l3.2 3L13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  more: "M3 9.2a1.2 1.2 0 100-2.4 1.2 1.2 0 000 2.4zM8 9.2a1.2 1.2 0 100-2.4 1.2 1.2 0 000 2.4zM13 9.2a1.2 1.2 0 100-2.4 1.2 1.2 0 000 2.4z",
};

/** A small drawing that only accompanies words. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const RETRY_MS = [150, 600];

/** fetch that tries again when no answer came: browsers drop connections when a network interface appears. */
async function reach(path, options) {
  for (const pause of RETRY_MS) {
    try {
      return await fetch(path, options);
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, pause); });
    }
  }
  return fetch(path, options);
}

/** GET JSON; rejects when the console is away. */
export async function get(path) {
  return (await reach(path)).json();
}

/** POST JSON to the console, which does it once; resolves to the answer, rejects with its sentence. */
export async function post(path, body) {
  const answer = await reach(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.getRandomValues(new Uint32Array(4)).join("-") },
    body: JSON.stringify(body),
  }).catch(() => { throw new Error("The console does not answer."); });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(typeof content.detail === "string" ? content.detail : `HTTP ${answer.status}`);
  return content;
}

/** 14:02, from a message timestamp. */
export function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** The day of a message timestamp in words. */
export function day(ts) {
  const date = new Date(Number(ts) * 1000);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return "Today";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}
