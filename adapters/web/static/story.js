// The panel of a story: a slider that moves the clock of the shop, and what the day that it shows looks like.

import { element } from "./element.js";
import { get, post } from "./talk.js";
import { word } from "./words.js";

const pause = 400;
const settle = 350;
const wide = matchMedia("(min-width: 64rem)");
const day = 24 * 60 * 60 * 1000;

const find = (name) => document.getElementById(`story-${name}`);
const panel = document.getElementById("story");
const slider = find("day");
const status = find("status");
const log = document.getElementById("log");

// As the server writes days: "1 February 2017", "1er février 2017".
const { lang } = document.documentElement;
const written = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long", timeZone: "UTC" });
const say = (iso) => (lang === "fr" ? written.format(new Date(iso)).replace(/^1 /, "1er ") : written.format(new Date(iso)));
const count = (iso) => Math.round((Date.parse(iso) - Date.parse(seen.first)) / day);
const iso = (number) => new Date(Date.parse(seen.first) + number * day).toISOString().slice(0, 10);

let seen = await get("/web/beside");
const { tale } = seen;
let wanted = "";

// --------------------------------------------------------------------------------------------------------- drawing

const row = ({ date, text, value }) =>
  element("li", {}, element("span", { class: "when" }, date), element("span", {}, text), value ? element("b", {}, value) : null);

// On the way, and where something broke, everybody reads it; that it has come, only who cannot see the date above.
function tell(text, { seen = true } = {}) {
  status.textContent = text;
  status.classList.toggle("hidden", !seen);
}

function draw() {
  find("date").textContent = seen.date;
  find("stage").textContent = seen.stage;
  find("first").textContent = seen.first.slice(0, 4);
  find("last").textContent = seen.last.slice(0, 4);
  slider.max = count(seen.last);
  if (!wanted && !seen.going) slider.value = count(seen.day);
  slider.setAttribute("aria-valuetext", say(iso(Number(slider.value))));
  panel.querySelector("[data-jump=next]").disabled = seen.day >= seen.last;
  find("calendar").replaceChildren(
    ...seen.calendar.map((one) => {
      const drawn = row(one);
      drawn.className = one.state;
      if (one.state === "today") drawn.setAttribute("aria-current", "date");
      return drawn;
    }),
  );
  find("notices").replaceChildren(...(seen.notices.length ? seen.notices.map(row) : [element("li", {}, word("story_nothing"))]));
  find("money").replaceChildren(
    ...seen.money.map(({ text, many, value }) =>
      element("div", { class: many ? "" : "none" }, element("dt", {}, text), element("dd", {}, value)),
    ),
  );
  find("compare").replaceChildren(
    ...seen.compare.flatMap(({ name, was, ours }) => [
      element("tr", {}, element("th", { colspan: "2", scope: "rowgroup" }, name)),
      element("tr", {}, element("td", {}, was), element("td", {}, ours)),
    ]),
  );
}

// -------------------------------------------------------------------------------------------------------- travelling

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const kept = "tillbot:story";

// Whoever went back by a button or the slider finds it under their fingers when the page is there again.
function remember() {
  const { id, dataset } = document.activeElement;
  try {
    sessionStorage.setItem(kept, id === slider.id ? "slider" : (dataset.jump ?? "chat"));
  } catch {
    // Full or forbidden: the page works without.
  }
}

function recall() {
  try {
    const name = sessionStorage.getItem(kept);
    sessionStorage.removeItem(kept);
    return name;
  } catch {
    return null;
  }
}

const arrived = () => tell(word("story_arrived", { date: seen.date, stage: seen.stage }), { seen: false });

// While the story begins anew nobody answers: then it is asked again.
async function arrive() {
  panel.setAttribute("aria-busy", "true");
  while (seen.going || !seen.date) {
    await wait(pause);
    const now = await get("/web/beside").catch(() => null);
    if (now === null) continue;
    if (now.tale !== tale) {
      remember();
      location.reload(); // what was said in the chat belongs to a tale that is over
      return;
    }
    seen = now;
    if (seen.date) draw();
  }
  panel.removeAttribute("aria-busy");
  if (seen.failed) tell(word("failed"));
  else arrived();
  draw();
  dispatchEvent(new Event("story:moved"));
  if (wanted && wanted !== seen.day) await go(wanted);
}

async function go(to) {
  wanted = to;
  if (seen.going) return;
  if (to === seen.day) {
    wanted = "";
    draw();
    return;
  }
  const back = to < seen.day;
  tell(word(back ? "story_restart" : "story_going", { date: say(to) }));
  if (!back) log.append(element("p", { class: "day" }, word(count(to) - count(seen.day) > 1 ? "story_until" : "story_day_of", { date: say(to) })));
  wanted = "";
  try {
    seen = { ...seen, ...(await post("/web/beside", { to })), going: to };
  } catch {
    tell(word("failed"));
    draw();
    return;
  }
  slider.value = count(to);
  await arrive();
}

let waiting = 0;

slider.addEventListener("input", () => {
  wanted = iso(Number(slider.value));
  slider.setAttribute("aria-valuetext", say(wanted));
  find("date").textContent = say(wanted);
});

// Whoever steps with the keyboard is given time to step on.
slider.addEventListener("change", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => go(iso(Number(slider.value))), settle);
});

panel.querySelectorAll("[data-jump]").forEach((button) => {
  button.addEventListener("click", () => {
    const { jump } = button.dataset;
    go(jump === "next" ? iso(count(seen.day) + 1) : seen.jumps[jump]);
  });
});

const unfold = () => panel.querySelectorAll("details").forEach((each) => (each.open = wide.matches));

wide.addEventListener("change", unfold);
unfold();
if (seen.date) draw();
const back = recall();
if (back) (back === "slider" ? slider : panel.querySelector(`[data-jump="${back}"]`))?.focus({ preventScroll: true });
if (seen.going) tell(word("story_going", { date: say(seen.going) }));
if (seen.going || !seen.date) arrive();
else if (back) arrived();
panel.dataset.ready = "yes";
