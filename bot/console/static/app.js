// The page: who you are, where you are, what is there. The server holds all state; this asks for what is new.
import { composer } from "./composer.js";
import { get, h, icon, post } from "./dom.js";
import { avatar, Column } from "./messages.js";
import { homeNode, Modal } from "./modal.js";
import { followPresses, nothingPressed } from "./press.js";

const $ = (id) => document.getElementById(id);
const messages = new Map();
const here = { channel: "", thread: "", tab: "messages" };
let channels = [];
let commands = [];
let examples = [];
let homeTab = false;
let version = 0;
let fresh = true;
let arrived = false;
let home = null;
let unread = new Map();

const ctx = {
  me: "",
  people: new Map(),
  channels: () => channels,
  channelName: (id) => channels.find((each) => each.id === id)?.name || id,
  actOnMessage: (message, block, element, value) => act({
    channel: message.channel, message_ts: message.ts, block_id: block.block_id, action_id: element.action_id, value,
  }),
  actOnView: (view, block, element, value) => act({
    view_id: view.id, block_id: block.block_id, action_id: element.action_id, value,
  }),
  suggestIn: async (where, block, element, typed) => {
    const asked = { user: ctx.me, block_id: block.block_id, action_id: element.action_id, typed, ...where };
    const answer = await post("/page/options", asked).catch(() => ({ options: [] }));
    return answer.options;
  },
  shortcuts: [],
  choose: (shortcut, message) => post("/page/shortcut", {
    user: ctx.me, callback_id: shortcut.callback_id, channel: message.channel, message_ts: message.ts,
  }).then(refresh),
  refresh: () => refresh(),
};
let modal = null;
const columns = { channel: new Column($("messages")), thread: new Column($("thread-messages")) };

async function act(what) {
  await post("/page/act", { user: ctx.me, value: null, ...what }).catch((error) => {
    $("offline").textContent = error.message;
    $("offline").hidden = false;
    setTimeout(() => { $("offline").hidden = true; }, 4000);
  });
  await refresh();
}

// Reading

let reading = null;
async function refresh() {
  if (reading) {
    reading.again = true;
    return reading.done;
  }
  reading = { again: false };
  reading.done = (async () => {
    try {
      do {
        reading.again = false;
        await read();
      } while (reading.again);
    } catch (error) {
      tellOffline(error);
    } finally {
      reading = null;
    }
  })();
  return reading.done;
}

async function read() {
  const asked = ctx.me;
  const state = await get(`/page/state?user=${asked}&since=${version}`);
  await nothingPressed();
  if (asked !== ctx.me) return;
  const first = fresh;
  fresh = false;
  version = state.version;
  channels = state.channels;
  for (const message of state.messages) {
    const key = `${message.channel}/${message.ts}`;
    if (!first && !messages.has(key) && message.user !== ctx.me && message.channel !== here.channel) {
      unread.set(message.channel, (unread.get(message.channel) || 0) + 1);
    }
    if (message.deleted) messages.delete(key);
    else messages.set(key, message);
  }
  home = state.home;
  if (!channels.some((each) => each.id === here.channel)) go(channels[0].id);
  drawPlaces();
  if (first || state.messages.length) drawMessages();
  if (here.tab === "home") drawHome();
  drawChecks(state.refusals, state.advice);
  if (!arrived) arrive();
  modal.show(state.view, state.depth);
}

/** What there is from the first read on. */
function arrive() {
  arrived = true;
  go(here.channel, here.thread);
  toEnd($("messages-scroll"));
  drawComposer();
  $("composer-text").focus();
}

function tellOffline(error) {
  console.warn(error);
  $("offline").textContent = "The console does not answer. Reconnecting…";
  $("offline").hidden = false;
}

function listen() {
  const stream = new EventSource("/page/stream");
  stream.onmessage = () => {
    $("offline").hidden = true;
    refresh();
  };
  stream.onerror = tellOffline;
}

// Drawing

function drawPlaces() {
  const place = (each) => h("li", {}, h("button", {
    type: "button",
    class: `place${unread.get(each.id) ? " new" : ""}`,
    "aria-current": each.id === here.channel ? "page" : null,
    onclick: () => { go(each.id); $("composer-text")?.focus(); },
  },
  h("span", { class: "mark", "aria-hidden": "true" }, each.is_im ? h("img", { src: "/static/tessera.svg", alt: "" }) : "#"),
  each.is_im ? "Tessera" : each.name,
  unread.get(each.id) && h("span", { class: "count" }, `${unread.get(each.id)} new`)));
  $("channels").replaceChildren(...channels.filter((each) => !each.is_im).map(place));
  $("direct").replaceChildren(...channels.filter((each) => each.is_im).map(place));
}

function drawPeople() {
  const people = [...ctx.people.values()].filter((each) => !each.is_bot);
  $("people").replaceChildren(...people.map((each) => h("button", {
    type: "button", class: "person", role: "radio", "aria-checked": String(each.id === ctx.me), tabIndex: each.id === ctx.me ? 0 : -1,
    onclick: () => become(each.id),
  }, avatar(each, "small"), h("span", { class: "words" }, each.real_name, h("small", {}, each.profile.title)),
  h("span", { class: "tick" }, icon("check")))));
}

function inChannel() {
  return [...messages.values()].filter((each) => each.channel === here.channel).sort((a, b) => a.ts - b.ts);
}

function drawMessages() {
  const all = inChannel();
  const isReply = (each) => each.thread_ts && each.thread_ts !== each.ts;
  const repliesOf = (message) => all.filter((each) => isReply(each) && each.thread_ts === message.ts && !each.ephemeral);
  const roots = all.filter((each) => !isReply(each));
  keepEnd($("messages-scroll"), () => {
    if (roots.length) columns.channel.show(roots, ctx, { repliesOf, openThread, inThread: false });
    else $("messages").replaceChildren(nothingYet());
  });
  const root = here.thread && all.find((each) => each.ts === here.thread);
  $("thread").hidden = !root;
  if (root) {
    const list = [root, ...all.filter((each) => isReply(each) && each.thread_ts === root.ts)];
    keepEnd($("thread-scroll"), () => {
      columns.thread.show(list, ctx, { repliesOf: () => [], openThread: null, inThread: true });
    });
  }
}

/** Redraw, stay at the end if that is where the person was, and keep the keyboard where it was. */
function keepEnd(box, redraw) {
  const held = box.contains(document.activeElement) ? document.activeElement : null;
  const path = held && [held.closest(".message")?.dataset.ts, held.dataset.action];
  const end = atEnd(box);
  redraw();
  if (path?.[0] && path[1]) {
    box.querySelector(`[data-ts="${path[0]}"] [data-action="${CSS.escape(path[1])}"]`)?.focus({ preventScroll: true });
  }
  if (end) toEnd(box);
}

function atEnd(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

function toEnd(box) {
  box.scrollTop = box.scrollHeight;
}

/** Pictures arrive after their message and make it longer: stay at the end then, too. */
function followPictures(box) {
  let end = true;
  box.addEventListener("scroll", () => { end = atEnd(box); }, { passive: true });
  box.addEventListener("load", () => { if (end) toEnd(box); }, { capture: true });
}

function nothingYet() {
  return h("div", { class: "empty" }, h("img", { src: "/static/tessera.svg", alt: "" }),
    h("strong", {}, "Nothing here yet"),
    "Type ", h("kbd", {}, "/"), " to see what Tessera can do. It answers here as it would in Slack.",
    examples.length > 0 && h("p", {}, "For example"),
    examples.length > 0 && h("ul", { class: "examples" }, examples.map((each) => h("li", {},
      h("button", { type: "button", onclick: () => propose(each) }, each)))));
}

/** Put a line into the composer, for the person to send. */
function propose(line) {
  const area = $("composer-text");
  area.value = line;
  area.focus();
}

function drawHome() {
  $("home").replaceChildren(homeNode(home, ctx));
}

/** What Slack objects to. A call that came too soon is no mistake: the bot waits as long as it is told, and sends it then. */
function drawChecks(refusals, advice) {
  const refused = refusals.filter((each) => each.error !== "ratelimited");
  const early = refusals.length - refused.length;
  const said = [
    refused.length && `${refused.length} refused`, advice.length && `${advice.length} remarks`, early && `${early} delayed`,
  ].filter(Boolean);
  $("checks").classList.toggle("some", refused.length > 0);
  $("checks").hidden = !said.length;
  $("checks-summary").textContent = said.join(" · ");
  $("checks-list").replaceChildren(
    h("p", {}, "Calls of the bot that Slack would refuse, remarks on those that it would let pass, and calls that came too soon."),
    h("ul", {},
      refused.slice(-8).map((each) => h("li", {}, h("code", {}, `${each.method}: ${each.error}`), each.messages.map((one) => h("p", {}, h("code", {}, one))))),
      advice.slice(-8).map((each) => h("li", {}, h("code", {}, each.method), h("p", {}, each.text))),
      early > 0 && h("li", {}, h("p", {}, `${early} of the last calls came too soon: Slack takes one message a second in a channel. The bot waited as it was told, and sent them then.`))));
}

function drawBar() {
  const channel = channels.find((each) => each.id === here.channel);
  if (!channel) return;
  $("channel-name").textContent = channel.is_im ? "Tessera" : `# ${channel.name}`;
  $("channel-topic").textContent = channel.is_im ? "Direct messages with the app" : channel.topic.value;
  $("thread-channel").textContent = channel.is_im ? "Tessera" : `# ${channel.name}`;
  $("tabs").hidden = !channel.is_im || !homeTab;
  $("tab-messages").setAttribute("aria-selected", String(here.tab === "messages"));
  $("tab-home").setAttribute("aria-selected", String(here.tab === "home"));
  $("messages").hidden = here.tab === "home";
  $("home").hidden = here.tab !== "home";
  $("composer").hidden = here.tab === "home";
  document.title = `${$("channel-name").textContent} · Tessera console`;
}

// Going places

function go(channel, thread = "", tab = "messages") {
  const moved = channel !== here.channel;
  Object.assign(here, { channel, thread, tab });
  unread.delete(channel);
  drawBar();
  drawPlaces();
  drawMessages();
  if (moved) drawComposer();
  if (moved) toEnd($("messages-scroll"));
  if (thread) drawThreadComposer();
  history.replaceState(null, "", `${location.pathname}${location.search}#${channel}${thread ? `/${thread}` : ""}`);
}

function openThread(ts) {
  go(here.channel, ts);
  $("thread-scroll").scrollTop = 0;
  $("thread-messages").querySelector(".count")?.scrollIntoView({ block: "start" });
  $("thread-composer").querySelector("textarea")?.focus();
}

function closeThread() {
  go(here.channel);
  $("composer-text").focus();
}

function become(person) {
  ctx.me = person;
  localStorage.setItem("tessera-console-person", person);
  messages.clear();
  unread = new Map();
  version = 0;
  fresh = true;
  drawPeople();
  $("people").querySelector('[aria-checked="true"]').focus();
  const mine = channels.find((each) => each.id === here.channel);
  if (mine?.is_im) here.channel = "";
  here.thread = "";
  modal.show(null);
  refresh();
  drawComposer();
}

// Typing

function offers(words) {
  const mention = /(^|\s)@(\w*)$/.exec(words);
  if (mention) {
    return [...ctx.people.values()]
      .filter((each) => each.name.startsWith(mention[2]) && each.id !== ctx.me)
      .map((each) => ({
        title: `@${each.name}`, about: each.real_name, text: `${words.slice(0, words.length - mention[2].length)}${each.name} `,
      }));
  }
  if (!words.startsWith("/") || words.includes(" ")) return [];
  return commands.filter((each) => each.name.startsWith(words)).map((each) => ({
    title: each.name, usage: each.usage_hint, about: each.description, text: `${each.name} `,
  }));
}

async function send(words, thread) {
  const answer = await post("/page/say", { user: ctx.me, channel: here.channel, text: words, thread_ts: thread });
  await refresh();
  toEnd($(thread ? "thread-scroll" : "messages-scroll"));
  if (answer.ts) return { text: "" };
  if (answer.error && answer.seconds === undefined) return { text: answer.error, problem: true };
  if (answer.error) return { text: "" };
  return { text: `The bot acknowledged in ${Math.round(answer.seconds * 1000)} ms.` };
}

function drawComposer() {
  const channel = channels.find((each) => each.id === here.channel);
  if (!channel) return;
  const box = composer({
    id: "composer-text",
    label: channel.is_im ? "Message Tessera" : `Message #${channel.name}`,
    hint: () => [h("kbd", {}, "/"), " commands   ", h("kbd", {}, "@"), " people   ", h("kbd", {}, "Shift Enter"), " new line"],
    send: (words) => send(words, null),
    offers,
  });
  $("composer").replaceChildren(box.node);
}

function drawThreadComposer() {
  const box = composer({
    label: "Reply in the thread",
    hint: () => ["Mention ", h("kbd", {}, "@tessera"), " to go on, for example “@tessera why”"],
    send: (words) => send(words, here.thread),
    offers: (words) => (words.startsWith("/") ? [] : offers(words)),
  });
  $("thread-composer").replaceChildren(box.node);
}

// Starting

function address() {
  const [channel, thread] = location.hash.slice(1).split("/");
  return { channel, thread: thread || "" };
}

function goWhereTheAddressSays() {
  const { channel, thread } = address();
  if (channels.some((each) => each.id === channel)) go(channel, thread);
}

function arrowKeys(event) {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const all = [...$("people").children];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = (all.findIndex((each) => each.getAttribute("aria-checked") === "true") + step + all.length) % all.length;
  all[next].click();
}

async function start() {
  const boot = await get("/page/boot");
  commands = boot.commands;
  examples = boot.examples;
  homeTab = boot.home_tab;
  ctx.shortcuts = boot.shortcuts.filter((each) => each.type === "message");
  for (const each of boot.people) ctx.people.set(each.id, each);
  const wanted = new URLSearchParams(location.search).get("as");
  const named = boot.people.find((each) => each.name === wanted)?.id;
  const kept = localStorage.getItem("tessera-console-person");
  ctx.me = named || (ctx.people.has(kept) ? kept : boot.people[0].id);
  modal = new Modal(ctx);
  Object.assign(here, address());
  drawPeople();
  followPresses();
  followPictures($("messages-scroll"));
  followPictures($("thread-scroll"));
  await refresh();
  window.addEventListener("hashchange", goWhereTheAddressSays);
  $("thread-close").addEventListener("click", closeThread);
  $("thread").addEventListener("keydown", (event) => { if (event.key === "Escape") closeThread(); });
  $("tab-messages").addEventListener("click", () => go(here.channel));
  $("tab-home").addEventListener("click", () => {
    go(here.channel, "", "home");
    drawHome();
    post("/page/home", { user: ctx.me }).then(refresh);
  });
  $("people").addEventListener("keydown", arrowKeys);
  document.addEventListener("click", (event) => { if (!$("checks").contains(event.target)) $("checks").open = false; });
  $("checks").addEventListener("keydown", (event) => { if (event.key === "Escape") $("checks").open = false; });
  listen();
}

start();
