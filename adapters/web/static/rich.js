// Sentences in pieces: text, instants, links.

import { element } from "./element.js";
import { localise } from "./times.js";
import { word } from "./words.js";

// Only what a browser may safely follow; anything else stays text.
export function safe(url) {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(url, location.href).protocol) ? url : "";
  } catch {
    return "";
  }
}

export const outward = (url, attributes, ...children) =>
  element(
    "a",
    { href: url, target: "_blank", rel: "noopener", ...attributes },
    ...children,
    element("span", { class: "hidden" }, ` (${word("new_tab")})`),
  );

// A text that is one piece may be the shop's own, in another language than the page: it runs as its first letter does.
export const direction = (rich) => (rich.length === 1 && typeof rich[0] === "string" ? { dir: "auto" } : {});

export const pieces = (rich) =>
  rich.map((piece) => {
    if (typeof piece === "string") return piece;
    if (piece.time) return localise(element("time", { datetime: piece.time }, piece.text));
    return safe(piece.link) ? outward(piece.link, {}, piece.text) : piece.text;
  });
