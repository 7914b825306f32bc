// The words of the page, in the reader's language, as the server wrote them into it.

const words = JSON.parse(document.getElementById("words").textContent);

export const word = (name, values = {}) =>
  (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
