// The prompt: what one can say is completed while typing, first the command, then its first option that can be.

import { Combobox, asYouType } from "./combobox.js";
import { get, post } from "./talk.js";
import { word } from "./words.js";

const quoted = (text) => (/[\s"“”«»]/.test(text) ? `"${text}"` : text);

export class Prompt {
  constructor({ say }) {
    this.form = document.getElementById("prompt");
    this.input = document.getElementById("say");
    this.commands = [];
    this.past = [];
    const found = document.getElementById("found");
    this.combobox = new Combobox(this.input, document.getElementById("completions"), {
      tab: true,
      fixed: true,
      pick: (choice) => this.#complete(choice.text),
      announce: (count) => {
        found.textContent = word("suggestions_count", { count });
      },
    });
    this.suggest = asYouType(
      async ({ option, text, before }) => {
        const { choices } = await post("/web/suggestions", { option, text });
        return choices.map(({ value, label }) => ({ label, text: `${before}${quoted(value)} ` }));
      },
      (choices) => document.activeElement === this.input && this.combobox.show(choices),
    );
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#recall(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      if (!text) return;
      this.past.push(text);
      this.input.value = "";
      this.#close();
      say(text);
    });
  }

  async load() {
    this.commands = (await get("/web/commands")).commands;
    if (document.activeElement === this.input) this.#typed();
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  #typed() {
    const text = this.input.value;
    const [, mark, name, space, rest] = /^([/!])(\S*)(\s*)(.*)$/s.exec(text) ?? [];
    if (mark === undefined) {
      this.#close();
      return;
    }
    if (!space) {
      this.suggest.drop();
      this.#offerCommands(mark, name);
      return;
    }
    const command = this.commands.find((known) => [known.name, known.id].includes(name.toLocaleLowerCase()));
    const option = command?.options.find(({ suggest }) => suggest);
    if (option) this.suggest.typed({ option: option.suggest, text: rest, before: `${mark}${name} ` });
    else this.#close();
  }

  #close() {
    this.suggest.drop();
    this.combobox.close();
  }

  #offerCommands(mark, name) {
    const typed = name.toLocaleLowerCase();
    const found = this.commands.filter((command) => command.name.startsWith(typed) || command.id.startsWith(typed));
    const exact = found.length === 1 && [found[0].name, found[0].id].includes(typed);
    this.combobox.show(
      exact ? [] : found.map((command) => ({ label: `${mark}${command.name}`, detail: command.summary, text: `${mark}${command.name} ` })),
      { first: Boolean(typed) },
    );
  }

  #complete(text) {
    this.input.value = text;
    this.input.focus();
    this.#typed();
  }

  #recall(event) {
    if (event.key !== "ArrowUp" || event.defaultPrevented || this.input.value || !this.past.length) return;
    event.preventDefault();
    this.input.value = this.past.at(-1);
  }
}
