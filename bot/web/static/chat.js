// The customer's chat. Rule: what somebody wrote is kept in the browser until the server has committed it, and is sent
// again under the same id; texts become text nodes, never markup.
"use strict";

const page = document.body;
const texts = JSON.parse(page.dataset.texts);
const $ = (id) => document.getElementById(id);
const log = $("log"), scroll = $("scroll"), input = $("input"), stateLine = $("state"), below = $("below");

const hex = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
const store = {
  get(key) { try { return localStorage.getItem("motline." + key); } catch { return this.memory?.[key] ?? null; } },
  set(key, value) { try { localStorage.setItem("motline." + key, value); } catch { (this.memory ??= {})[key] = value; } },
};

let token = page.dataset.token || store.get("token") || "";
const own = !page.dataset.token;              // /chat: no link of its own until the first message
const box = () => "outbox." + (page.dataset.token ? page.dataset.token.slice(-24) : "new");
let outbox = JSON.parse(store.get(box()) || "[]");   // [{id, text, payload}] not yet committed
let messages = [];                             // what the server has, oldest first
let local = [];                                // committed from here, not yet in a history we read
let busy = false, resting = false, failures = 0, retry = 0, events = null, seen = new Set(), seenLater = 0, connected = false;

const keep = () => store.set(box(), JSON.stringify(outbox));

// ---- drawing

const linked = (target, text) => {
  let at = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"'，。！？）]+/g)) {
    target.append(text.slice(at, found.index));
    const a = document.createElement("a");
    a.href = found[0]; a.textContent = found[0]; a.rel = "noopener noreferrer nofollow"; a.target = "_blank";
    target.append(a);
    at = found.index + found[0].length;
  }
  target.append(text.slice(at));
};

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const drawChoices = (message, answer, last) => {
  const group = element("div", "choices");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", texts.choose);
  const count = message.buttons.length;
  if (count > 2 && message.buttons.every((one) => [...one.title].length <= 2)) {
    group.classList.add("scale");
    group.style.setProperty("--columns", count <= 7 ? count : Math.ceil(count / 2));
  }
  if (!last) group.classList.add("past");
  for (const one of message.buttons) {
    const button = element("button", "", one.title);
    button.type = "button";
    button.setAttribute("aria-pressed", String(answer === one.title));
    button.addEventListener("click", () => post(one.title, one.payload));
    group.append(button);
  }
  return group;
};

const drawOne = (message, next, last) => {
  const row = element("div", "row " + (message.mine ? "mine" : "ours"));
  const bubble = element("div", "bubble");
  linked(bubble, message.text || (message.mine && message.kind ? "[" + message.kind + "]" : ""));
  row.append(bubble);
  if (message.buttons?.length) row.append(drawChoices(message, next, last));
  if (message.fate) {
    const fate = element(message.fate === "not_sent" ? "button" : "span", "fate", texts[message.fate]);
    if (message.fate === "not_sent") {
      fate.classList.add("failed");
      fate.type = "button";
      fate.addEventListener("click", () => again(message.id));
    }
    row.append(fate);
  }
  return row;
};

const draw = () => {
  const known = new Set(messages.map((one) => one.id));
  local = local.filter((one) => !known.has(one.id));
  const pending = outbox.filter((one) => !known.has(one.id))
    .map((one) => ({ ...one, mine: true, fate: one.failed ? "not_sent" : navigator.onLine && !failures ? "sending" : "offline_mark" }));
  const all = [...messages, ...local, ...pending];
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const questions = all.filter((one) => one.buttons?.length);
  let day = "";
  const rows = [];
  all.forEach((one, index) => {
    if (one.at) {
      const today = new Date(one.at).toLocaleDateString(document.documentElement.lang, { weekday: "short", month: "short", day: "numeric" });
      if (today !== day && (day || index === 0)) rows.push(element("div", "day", today));
      day = today;
    }
    const titles = new Set((one.buttons || []).map((button) => button.title));
    const end = all.findIndex((later, at) => at > index && later.buttons?.length);
    const answers = all.slice(index + 1, end < 0 ? undefined : end).filter((later) => later.mine && titles.has(later.text));
    rows.push(drawOne(one, answers.at(-1)?.text, one === questions.at(-1) && !answers.length));
  });
  const hello = $("hello");
  if (hello && all.length) hello.remove();
  log.replaceChildren(...rows);
  if (atEnd) toEnd(); else below.hidden = false;
  tellSeen();
};

const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; below.hidden = true; };
const say = (name) => { stateLine.textContent = texts[name]; stateLine.dataset.state = name; };
const status = () => say(!navigator.onLine || failures ? "offline" : connected || !token ? "online" : "connecting");
texts.offline_mark = texts.sending;

// ---- sending

const post = (text, payload) => {
  outbox.push({ id: hex(12), text, payload: payload || "" });
  keep();
  draw();
  toEnd();
  flush();
};

const again = (id) => {
  outbox = outbox.map((one) => (one.id === id ? { ...one, failed: false } : one));
  keep();
  flush();
  draw();
};

const later = (seconds) => {
  clearTimeout(retry);
  resting = true;
  retry = setTimeout(() => { resting = false; flush(); }, seconds * 1000);
};

const flush = async () => {
  const next = outbox.find((one) => !one.failed);
  if (busy || !next) return;
  busy = true;
  resting = false;
  clearTimeout(retry);
  const waiting = setTimeout(() => { $("typing").hidden = false; toEnd(); }, 350);
  try {
    const body = { id: next.id, text: next.text, payload: next.payload, language: page.dataset.language };
    if (!token) body.visitor = visitor();
    const answer = await fetch("/webchat" + (token ? "/" + token : ""), {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(15000),
    });
    if (answer.ok) committed(next, await answer.json());
    else refused(next, answer);
  } catch {
    failures += 1;
    later(Math.min(30, 2 ** failures));
  }
  clearTimeout(waiting);
  $("typing").hidden = true;
  busy = false;
  status();
  draw();
  if (!resting && outbox.some((one) => !one.failed)) flush();
};

const committed = (message, answer) => {
  failures = 0;
  outbox = outbox.filter((one) => one.id !== message.id);
  local.push({ ...message, mine: true, at: Date.now(), fate: "sent" });
  local.forEach((one) => { if (one.mine && one.id !== message.id) delete one.fate; });
  keep();
  answer.messages.forEach(arrived);
  if (answer.token && !token) {
    token = answer.token;
    store.set("token", token);
    listen();
  }
};

const refused = (message, answer) => {
  if (answer.status === 429 || answer.status >= 500) {
    if (answer.status >= 500) failures += 1; else say("slower");
    later(Number(answer.headers.get("retry-after")) || Math.min(30, 2 ** failures));
    return;
  }
  if (own && answer.status === 403) {             // the link of an earlier visit has expired: begin anew
    token = "";
    store.set("token", "");
    later(1);
    return;
  }
  outbox = outbox.map((one) => (one.id === message.id ? { ...one, failed: true } : one));
  keep();
};

const visitor = () => {
  const kept = store.get("visitor") || hex(16);
  store.set("visitor", kept);
  return kept;
};

// ---- receiving

const arrived = (message) => {
  if (messages.some((one) => one.id === message.id) || local.some((one) => one.id === message.id)) return;
  local.push({ at: Date.now(), ...message });
};

const read = async () => {
  try {
    const answer = await fetch("/webchat/" + token + "/history", { signal: AbortSignal.timeout(15000) });
    if (!answer.ok) return;
    messages = (await answer.json()).messages;
    messages.filter((one) => one.seen).forEach((one) => seen.add(one.id));
    outbox = outbox.filter((one) => !messages.some((other) => other.id === one.id));
    keep();
    draw();
  } catch { /* the stream says hello again when the connection is back */ }
};

const listen = () => {
  if (!token) return;
  events?.close();
  events = new EventSource("/webchat/" + token + "/events");
  events.addEventListener("hello", () => { connected = true; failures = 0; status(); read(); flush(); });
  events.onmessage = (event) => { arrived(JSON.parse(event.data)); draw(); };
  events.onerror = () => {
    connected = false;
    status();
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  };
};

const tellSeen = () => {
  if (!token || document.visibilityState !== "visible") return;
  const fresh = [...messages, ...local].filter((one) => !one.mine && !seen.has(one.id)).map((one) => one.id).slice(-50);
  if (!fresh.length) return;
  clearTimeout(seenLater);
  seenLater = setTimeout(() => {
    fresh.forEach((id) => seen.add(id));
    fetch("/webchat/" + token, { method: "POST", body: JSON.stringify({ seen: fresh }), headers: { "content-type": "application/json" }, keepalive: true })
      .catch(() => fresh.forEach((id) => seen.delete(id)));
  }, 800);
};

// ---- the form

const grow = () => { input.style.height = "auto"; input.style.height = Math.min(150, input.scrollHeight + 2) + "px"; };
const submit = () => {
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  grow();
  post(text);
  input.focus();
};

$("form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
input.addEventListener("input", grow);
// The browser cuts at the limit without a word: what was pasted would lose its end.
input.addEventListener("input", () => {
  if (input.value.length >= input.maxLength) say("too_long");
  else if (stateLine.dataset.state === "too_long") status();
});
input.addEventListener("keydown", (event) => {
  // Enter ends a word in an input method; only a plain Enter sends.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); submit(); }
});
below.addEventListener("click", toEnd);
scroll.addEventListener("scroll", () => { if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80) below.hidden = true; });
addEventListener("online", () => { failures = 0; status(); flush(); });
addEventListener("offline", status);
document.addEventListener("visibilitychange", tellSeen);
addEventListener("pageshow", (event) => { if (event.persisted) listen(); });

draw();
status();
listen();
flush();
