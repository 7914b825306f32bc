// The fields of a form: each knows its element, its values, and how to show what is wrong with them.

import { Combobox, asYouType } from "./combobox.js";
import { element, newId } from "./element.js";
import { post } from "./talk.js";
import { word } from "./words.js";

const folded = (text) => text.trim().toLocaleLowerCase();

function described(field, id) {
  const hint = field.hint ? element("p", { class: "hint", id: `${id}-hint` }, field.hint) : null;
  const error = element("p", { class: "error", id: `${id}-error`, hidden: true });
  return { hint, error };
}

function labelled(field, control, id, ...beside) {
  const { hint, error } = described(field, id);
  control.setAttribute("aria-describedby", `${id}-error${hint ? ` ${id}-hint` : ""}`);
  const optional = field.required ? null : element("span", { class: "optional" }, ` ${word("optional")}`);
  const label = element("label", { for: id }, field.label, optional);
  return { box: element("div", { class: "field" }, label, ...beside, hint, error), error };
}

function errorShower(control, error) {
  return (text) => {
    error.textContent = text;
    error.hidden = !text;
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
}

function textField(field) {
  const id = newId("field");
  const same = { id, name: field.name, required: field.required, maxlength: field.most, dir: "auto" };
  const modes = { integer: "numeric", amount: "decimal", text: "text" };
  const control =
    field.type === "long"
      ? element("textarea", { ...same, rows: 3 })
      : element("input", { ...same, type: "text", inputmode: modes[field.type], autocomplete: "off" });
  control.value = field.value;
  const chips = field.suggestions?.length ? presets(field, control) : null;
  const { box, error } = labelled(field, control, id, chips, control);
  return { box, control, values: () => control.value, shown: () => control.value, fail: errorShower(control, error) };
}

// Values to offer, such as the amounts of a gift: pressing one fills it in, anything else may be typed.
function presets(field, control) {
  const buttons = field.suggestions.map((value) =>
    element("button", { type: "button", class: "chip", onclick: () => choose(value) }, value),
  );
  const mark = () => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === control.value)));
  const choose = (value) => {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  };
  control.addEventListener("input", mark);
  mark();
  return element("div", { class: "chips", role: "group", "aria-label": word("suggestions") }, ...buttons);
}

function choiceField(field) {
  const id = newId("field");
  const control = element(
    "select",
    { id, name: field.name, required: field.required },
    element("option", { value: "" }, word("choose")),
    ...field.options.map(({ value, label }) => element("option", { value, dir: "auto" }, label)),
  );
  control.value = field.options.some(({ value }) => value === field.value) ? field.value : "";
  const { box, error } = labelled(field, control, id, control);
  const shown = () => (control.value ? control.selectedOptions[0].label : "");
  return { box, control, values: () => control.value, shown, fail: errorShower(control, error) };
}

// A choice that is completed while typing. What fits no suggestion is sent as it was typed: the shop knows more names.
function suggestedField(field) {
  const id = newId("field");
  const list = element("ul", { id: `${id}-list`, role: "listbox", "aria-label": word("suggestions"), hidden: true });
  const control = element("input", {
    id,
    name: field.name,
    type: "text",
    role: "combobox",
    required: field.required,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: 200,
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
  });
  let known = field.options;
  let value = field.value;
  control.value = known.find((choice) => choice.value === value)?.label ?? value;
  const pick = (choice) => {
    suggest.drop();
    value = choice.value;
    control.value = choice.label;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const offer = () => combobox.show(field.options.slice(0, 25));
  const combobox = new Combobox(control, list, { pick, offer });
  const ask = async (text) => (await post("/web/suggestions", { option: field.suggest, text })).choices;
  const suggest = asYouType(ask, (choices) => {
    known = [...choices, ...field.options];
    if (document.activeElement === control) combobox.show(choices);
  });
  control.addEventListener("input", () => {
    value = "";
    if (control.value.trim()) {
      suggest.typed(control.value);
    } else {
      suggest.drop();
      offer();
    }
  });
  control.addEventListener("click", () => {
    if (!combobox.open) offer();
  });
  const { box, error } = labelled(field, control, id, element("div", { class: "combobox" }, control, list));
  const typed = () => known.find((choice) => folded(choice.label) === folded(control.value))?.value ?? control.value.trim();
  return { box, control, values: () => value || typed(), shown: () => control.value, fail: errorShower(control, error) };
}

function checksField(field) {
  const id = newId("field");
  const boxes = field.options.map(({ value, label }) => {
    const box = element("input", { type: "checkbox", name: field.name, value });
    box.checked = field.value.includes(value);
    return { box, label, row: element("label", { class: "check" }, box, element("span", { dir: "auto" }, label)) };
  });
  const { hint, error } = described(field, id);
  const group = element(
    "fieldset",
    { class: "field", "aria-describedby": `${id}-error` },
    element("legend", {}, field.label),
    ...boxes.map(({ row }) => row),
    hint,
    error,
  );
  const chosen = () => boxes.filter(({ box }) => box.checked);
  return {
    box: group,
    control: boxes[0]?.box ?? group,
    values: () => chosen().map(({ box }) => box.value),
    shown: () => chosen().map(({ label }) => label).join(", "),
    fail: errorShower(group, error),
  };
}

export function drawField(field) {
  if (field.type === "checks") return checksField(field);
  if (field.type === "choice") return field.suggest ? suggestedField(field) : choiceField(field);
  return textField(field);
}
