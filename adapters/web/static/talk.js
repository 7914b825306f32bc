// Speaks to the server. A wish has a key of its own, so that asking again after a lost answer is still one wish.

const lang = document.body.dataset.lang;

export const address = (path, query = {}) => {
  const parameters = new URLSearchParams(lang ? { ...query, lang } : query).toString();
  return parameters ? `${path}?${parameters}` : path;
};

export class Failed extends Error {}

// crypto.randomUUID is missing on plain http, where a shop may be tried out.
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const pauses = [400, 1200];
const passing = new Set([502, 503, 504]);

export async function post(path, body, key = newKey()) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(address(path), {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(body),
      });
      if (response.ok) return await response.json();
      if (!passing.has(response.status)) throw new Failed(String(response.status));
    } catch (error) {
      if (error instanceof Failed || attempt >= pauses.length) throw error;
    }
    if (attempt >= pauses.length) throw new Failed("unavailable");
    await new Promise((done) => setTimeout(done, pauses[attempt]));
  }
}

export async function get(path) {
  const response = await fetch(address(path));
  if (!response.ok) throw new Failed(String(response.status));
  return response.json();
}
