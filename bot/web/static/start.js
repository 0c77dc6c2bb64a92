// The start page: choose a customer, let a moment happen, watch the chat and the desk. Texts become text nodes only.
"use strict";

const words = JSON.parse(document.body.dataset.outcomes);
const chat = document.getElementById("chat");
const outcome = document.getElementById("outcome");
const desk = document.getElementById("desk");

const spoken = "?lang=" + document.documentElement.lang;
const chosen = () => document.querySelector("input[name=customer]:checked");
const post = (path, body) => fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// What the buttons do, as it is typed in a terminal: for the customer and the moment that were chosen last.
const command = document.getElementById("command");
let moment = document.querySelector(".moment")?.dataset.moment;
const tellCommand = () => {
  if (command && chosen()) command.lastElementChild.textContent = [command.dataset.program, "fire", moment, chosen().dataset.known].join(" ");
};

document.querySelectorAll("input[name=customer]").forEach((one) => one.addEventListener("change", () => {
  tellCommand();
  chat.src = one.dataset.chat;
  outcome.hidden = true;
}));

const tell = (found, customer, moment) => {
  outcome.hidden = false;
  outcome.dataset.outcome = found.outcome;
  outcome.textContent = (words[found.outcome] || "").replace("{reason}", found.reason || "");
  if (!found.anyway) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.now;
  button.addEventListener("click", async () => tell(await (await post("/start/now" + spoken, { customer, moment })).json(), customer, moment));
  outcome.append(" ", button);
};

const fire = async (customer, moment) => {
  outcome.hidden = true;
  const { id } = await (await post("/start/fire", { customer, moment })).json();
  for (let tries = 0; tries < 40 && id; tries += 1) {
    const found = await (await fetch("/start/moments/" + id + spoken)).json();
    if (found.outcome !== "pending") { tell(found, customer, moment); return; }
    await new Promise((done) => setTimeout(done, 150));
  }
};

let firing = false;                            // the second click of a double click is no second moment
document.querySelectorAll(".moment").forEach((button) => button.addEventListener("click", async () => {
  if (firing) return;
  moment = button.dataset.moment;
  tellCommand();
  firing = true;
  try { await fire(chosen().value, button.dataset.moment); } finally { firing = false; }
}));

const card = (one) => {
  const made = document.createElement("article");
  made.className = "ticket " + one.severity;
  const head = document.createElement("header");
  const name = document.createElement("b");
  name.textContent = one.name || one.id.slice(0, 8);
  const mark = document.createElement("span");
  mark.textContent = words[one.severity] + " · " + words[one.status];
  head.append(name, mark);
  const said = document.createElement("p");
  said.textContent = one.text;
  const at = document.createElement("time");
  at.textContent = new Date(one.opened_at).toLocaleTimeString(document.documentElement.lang);
  made.append(head, said, at);
  return made;
};

tellCommand();

let shown = "";
const look = async () => {
  try {
    const answer = await fetch("/start/desk");
    const text = await answer.text();
    if (answer.ok && text !== shown) {
      shown = text;
      const tickets = JSON.parse(text).tickets;
      desk.replaceChildren(...tickets.map(card));
      if (!tickets.length) desk.textContent = words.none;
    }
  } catch { /* the server is being restarted */ }
  setTimeout(look, 1000);
};
look();
