// Draws a form, checks it natively, sends it, and shows what is wrong beside each field.

import { element, newId } from "./element.js";
import { drawField } from "./fields.js";
import { direction, pieces } from "./rich.js";

// `submit(body, said, form)` sends it and answers the same form with errors, or null once it was taken.
export function drawForm(reply, submit) {
  const title = newId("title");
  const fields = reply.fields.map((field) => ({ ...drawField(field), name: field.name, label: field.label }));
  const wrong = element("p", { class: "error", role: "alert", hidden: true });
  const button = element("button", { type: "submit", class: "button primary" }, reply.submit_label ?? "OK");
  const form = element(
    "form",
    { class: "card form", "aria-labelledby": title, autocomplete: "off", "data-submit": reply.submit },
    element("h3", { id: title }, reply.title),
    ...(reply.rich?.body ?? []).map((paragraph) => element("p", direction(paragraph), ...pieces(paragraph))),
    ...fields.map(({ box }) => box),
    wrong,
    element("div", { class: "actions" }, button),
  );

  const show = (again) => {
    for (const field of fields) field.fail(again.fields.find(({ name }) => name === field.name)?.error ?? "");
    const nowhere = again.fields.filter(({ name, error }) => error && !fields.some((field) => field.name === name));
    wrong.textContent = [again.error, ...nowhere.map(({ error }) => error)].filter(Boolean).join(" ");
    wrong.hidden = !wrong.textContent;
    fields.find(({ box }) => box.querySelector("[aria-invalid]") || box.matches("[aria-invalid]"))?.control.focus();
  };
  for (const field of fields) field.box.addEventListener("input", () => field.fail(""));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const values = Object.fromEntries(fields.map((field) => [field.name, field.values()]));
    const said = fields
      .map((field) => [field.label, field.shown().trim()])
      .filter(([, shown]) => shown)
      .map(([label, shown]) => `${label}: ${shown}`);
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    const again = await submit({ action: reply.submit, values, value: reply.value }, `${reply.title}\n${said.join("\n")}`, form);
    button.disabled = false;
    form.removeAttribute("aria-busy");
    if (again) show(again);
  });
  show(reply);
  return { form, focus: () => fields[0]?.control.focus({ preventScroll: true }) };
}
