// The page: what was said, what was answered, and the news, one below the other.

import { drawCard } from "./cards.js";
import { element } from "./element.js";
import { drawForm } from "./forms.js";
import { memory } from "./memory.js";
import { Prompt } from "./prompt.js";
import { News } from "./stream.js";
import { outward } from "./rich.js";
import { get, newKey, post } from "./talk.js";
import { word } from "./words.js";

const log = document.getElementById("log");
const title = document.title;

// ------------------------------------------------------------------------------------------------------------- status

const line = document.getElementById("status");
let wiping = 0;

function status(text, { stays = false, retry = null } = {}) {
  clearTimeout(wiping);
  line.replaceChildren(text, ...(retry ? [" ", element("button", { type: "button", class: "quiet", onclick: retry }, word("retry"))] : []));
  if (text && !stays) wiping = setTimeout(() => line.replaceChildren(), 4000);
}

// --------------------------------------------------------------------------------------------------------------- log

const reveal = (entry) => {
  const tall = entry.offsetHeight > innerHeight * 0.6;
  entry.scrollIntoView({ block: tall ? "start" : "nearest" });
};

const addMine = (text) => {
  const mine = element("p", { class: "mine" }, element("span", { class: "hidden" }, `${word("you")} `), element("bdi", {}, text));
  log.append(mine);
  return mine;
};

// Where an order moved on, or there is news of it, its older cards' buttons are over.
function retireOlder(reply, news) {
  if (!reply.order) return;
  for (const card of log.querySelectorAll("article.card")) {
    if (card.dataset.order === reply.order && (news || card.dataset.state !== reply.state)) {
      card.classList.add("over");
      card.querySelector(".actions")?.remove();
    }
  }
}

function addReply(reply, { news = false } = {}) {
  if (reply.kind === "form") {
    const drawn = drawForm(reply, (body, said, form) => submit(reply, body, said, form));
    log.append(drawn.form);
    return { entry: drawn.form, focus: drawn.focus };
  }
  retireOlder(reply, news);
  const card = drawCard(reply, press);
  if (news) card.prepend(element("p", { class: "kicker" }, word("news")));
  log.append(card);
  return { entry: card, focus: () => card.focus({ preventScroll: true }) };
}

function answer(replies) {
  const added = replies.map((reply) => {
    memory.add({ reply });
    return { reply, ...addReply(reply) };
  });
  const form = added.find(({ reply }) => reply.kind === "form");
  if (form && matchMedia("(pointer: fine)").matches) form.focus();
  if (added.length) reveal(added[0].entry);
  return added;
}

// ------------------------------------------------------------------------------------------------------------ wishes

// Sends one wish; should it fail, the same wish can be sent again and is still one.
async function wish(path, body, done, key = newKey()) {
  const slow = setTimeout(() => status(word("working"), { stays: true }), 400);
  try {
    const { replies } = await post(path, body, key);
    clearTimeout(slow);
    status("");
    return done(replies);
  } catch {
    clearTimeout(slow);
    status(word("failed"), { stays: true, retry: () => wish(path, body, done, key) });
    return null;
  }
}

function said(text) {
  memory.add({ mine: text });
  reveal(addMine(text));
}

function say(text) {
  said(text);
  return wish("/web/messages", { text }, answer);
}

async function press(body, label, control) {
  control.disabled = true;
  said(label);
  await wish("/web/actions", body, answer);
  control.disabled = false;
}

function submit(reply, body, text, form) {
  return wish("/web/actions", body, (replies) => {
    const [first] = replies;
    const wrong = first?.kind === "form" && first.submit === reply.submit && (first.error || first.fields.some(({ error }) => error));
    if (wrong) return first;
    memory.drop(reply);
    form.remove();
    said(text);
    answer(replies)[0]?.focus();
    return null;
  });
}

// ------------------------------------------------------------------------------------------------------ first screen

// An address of this shop in a hint can be followed; the words around it are text.
const linked = (hint) =>
  hint.split(/(https?:\/\/\S+)/).map((part) => {
    if (!part.startsWith(`${location.origin}/`)) return part;
    const [, url, rest] = /^(.*?)([.,;:]?)$/.exec(part);
    return element("span", {}, outward(url, {}, url.length > 44 ? `${url.slice(0, 40)}…` : url), rest);
  });

const welcome = document.getElementById("opening");
const hints = document.getElementById("hints");
let welcomed = "";

async function greet() {
  const first = await get("/web/welcome").catch(() => null);
  const written = JSON.stringify(first);
  if (!first || written === welcomed) return;
  welcomed = written;
  welcome.replaceChildren(...first.replies.map((reply) => drawCard(reply, press)));
  hints.querySelector("ul").replaceChildren(...first.hints.map((hint) => element("li", {}, ...linked(hint))));
  hints.hidden = !first.hints.length;
}

// A link from another page may open a command ("/?open=donate"), never a step: those need a press.
function openAsked(commands) {
  const asked = new URLSearchParams(location.search).get("open");
  const command = commands.find(({ id }) => id === asked);
  if (asked === null) return;
  const rest = document.body.dataset.lang ? `?lang=${document.body.dataset.lang}` : "";
  history.replaceState(null, "", location.pathname + rest);
  if (command) press({ action: command.id }, `/${command.name}`, {});
}

document.getElementById("leave")?.addEventListener("click", async () => {
  await post("/web/leave", {});
  location.reload();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  document.title = title;
  greet();
});
addEventListener("focus", greet);
addEventListener("story:moved", greet);

for (const { mine, reply, news } of memory.entries) {
  if (mine === undefined) addReply(reply, { news });
  else addMine(mine);
}

const prompt = new Prompt({ say });

new News({
  memory,
  show(reply) {
    memory.add({ reply, news: true });
    // Whoever reads further up, or fills in a form, is not pulled away from it.
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 160;
    const { entry } = addReply(reply, { news: true });
    if (atEnd && !document.activeElement.closest("form.card")) reveal(entry);
    else status(word("news_of", { title: reply.title }));
    if (document.hidden) document.title = `• ${title}`;
  },
  status: (connected) => status(word(connected ? "back_online" : "offline"), { stays: !connected }),
});

await Promise.all([greet(), prompt.load().catch(() => null)]);
log.lastElementChild?.scrollIntoView({ block: "end" });
if (matchMedia("(pointer: fine)").matches && !document.activeElement.closest("#story")) prompt.focus();
openAsked(prompt.commands);
document.documentElement.dataset.ready = "yes";
