// An input with a list of suggestions, by the combobox pattern of the ARIA Authoring Practices: the focus stays in the
// input, the arrows move through the list, Enter picks, Escape closes.

import { element, newId } from "./element.js";

export class Combobox {
  // `pick(choice)` takes what was chosen; with `tab`, the Tab key
  // picks as well. `offer` fills the list when the arrow down asks for it. A `fixed` list is always in view.
  constructor(input, list, { pick, tab = false, fixed = false, announce = () => {}, offer = () => {} }) {
    this.input = input;
    this.list = list;
    this.pick = pick;
    this.tab = tab;
    this.fixed = fixed;
    this.announce = announce;
    this.offer = offer;
    this.choices = [];
    this.active = -1;
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.close());
    // Pressing in the list must not take the focus out of the input.
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get open() {
    return !this.list.hidden;
  }

  show(choices, { first = false } = {}) {
    if (!choices.length) {
      this.close();
      return;
    }
    this.choices = choices;
    this.list.replaceChildren(...choices.map((choice) => this.#option(choice)));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.announce(choices.length);
    if (!this.fixed) this.list.scrollIntoView({ block: "nearest" });
    this.#activate(first ? 0 : -1);
  }

  close() {
    this.choices = [];
    this.list.hidden = true;
    this.list.replaceChildren();
    this.input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
  }

  #option(choice) {
    return element(
      "li",
      { role: "option", id: newId("option"), "aria-selected": "false", onclick: () => this.#take(choice) },
      element("span", { class: "label" }, choice.label),
      choice.detail ? element("span", { class: "detail" }, choice.detail) : null,
    );
  }

  #take(choice) {
    this.close();
    this.pick(choice);
  }

  #activate(index) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = index;
    const option = this.list.children[index];
    if (option) {
      option.setAttribute("aria-selected", "true");
      this.input.setAttribute("aria-activedescendant", option.id);
      this.#show(option);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  // Scrolls the list alone: the page stays where it is.
  #show(option) {
    const end = option.offsetTop + option.offsetHeight;
    if (option.offsetTop < this.list.scrollTop) this.list.scrollTop = option.offsetTop;
    else if (end > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = end - this.list.clientHeight;
  }

  #key(event) {
    if (event.isComposing) return;
    if (!this.open) {
      if (event.key === "ArrowDown") this.offer();
      return;
    }
    const { length } = this.choices;
    const picks = event.key === "Enter" || (event.key === "Tab" && this.tab && !event.shiftKey);
    if (event.key === "ArrowDown") this.#activate((this.active + 1) % length);
    else if (event.key === "ArrowUp") this.#activate((this.active <= 0 ? length : this.active) - 1);
    else if (event.key === "Escape") this.close();
    else if (picks && this.active >= 0) this.#take(this.choices[this.active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// Calls `ask` for what was typed last, a moment after the typing stops; answers that come too late are dropped, and so
// is the one that is awaited when `drop` is called.
export function asYouType(ask, answer, pause = 120) {
  let timer = 0;
  let turn = 0;
  const drop = () => {
    clearTimeout(timer);
    turn += 1;
  };
  const typed = (text) => {
    drop();
    const mine = turn;
    timer = setTimeout(async () => {
      const found = await ask(text).catch(() => []);
      if (mine === turn) answer(found);
    }, pause);
  };
  return { typed, drop };
}
