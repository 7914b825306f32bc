// Draws a card: title, paragraphs, facts, progress, actions.

import { element, newId } from "./element.js";
import { direction, outward, pieces, safe } from "./rich.js";
import { word } from "./words.js";

const facts = (rows) =>
  element("dl", {}, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, element("bdi", {}, name)), element("dd", {}, element("bdi", {}, ...pieces(value))))));

const progress = ({ value, goal, text }) =>
  element(
    "p",
    { class: "progress" },
    element("progress", { value: Math.min(value, goal), max: goal, "aria-hidden": "true" }),
    element("span", {}, text),
  );

function action(one, press) {
  if (one.kind === "link") {
    return safe(one.url) ? outward(one.url, { class: `button ${one.style}` }, one.label) : null;
  }
  if (one.kind === "select") {
    const choose = element(
      "select",
      {
        class: "button plain",
        "aria-label": one.label,
        onchange: () => {
          const [chosen] = choose.selectedOptions;
          if (chosen.value) press({ action: one.action, value: chosen.value }, chosen.label, choose);
          choose.value = "";
        },
      },
      element("option", { value: "" }, one.label),
      ...one.options.map(({ value, label }) => element("option", { value, dir: "auto" }, label)),
    );
    return choose;
  }
  const button = element("button", { type: "button", class: `button ${one.style}` }, one.label);
  button.addEventListener("click", () => press({ action: one.action, value: one.value }, one.label, button));
  return button;
}

export function drawCard(reply, press) {
  const title = newId("title");
  const picture = reply.picture && safe(reply.picture);
  return element(
    "article",
    {
      class: `card tone-${reply.tone}`,
      tabindex: "-1",
      "aria-labelledby": title,
      "data-order": reply.order,
      "data-state": reply.state,
    },
    picture ? element("img", { class: "picture", src: picture, alt: "", loading: "lazy" }) : null,
    element("h3", { id: title }, reply.title),
    ...reply.rich.body.map((paragraph) => element("p", direction(paragraph), ...pieces(paragraph))),
    reply.rich.facts.length ? facts(reply.rich.facts) : null,
    reply.progress ? progress(reply.progress) : null,
    reply.actions.length ? element("div", { class: "actions" }, ...reply.actions.map((one) => action(one, press))) : null,
    reply.rich.footer.length ? element("p", { class: "footer" }, ...pieces(reply.rich.footer)) : null,
  );
}
