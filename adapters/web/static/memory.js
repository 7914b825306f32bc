// What this tab remembers over a reload: the conversation so far, and the last news, each for the one person it was with.

const most = 80;
const name = `tillbot:${document.body.dataset.person}`;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

class Memory {
  #kept = { last: 0, entries: [], ...read() };

  get last() {
    return this.#kept.last;
  }

  set last(id) {
    this.#kept.last = id;
    this.#write();
  }

  get entries() {
    return this.#kept.entries;
  }

  // An entry is {mine: text} or {reply: {...}, news?: true}.
  add(entry) {
    this.#kept.entries = [...this.#kept.entries, entry].slice(-most);
    this.#write();
  }

  // A form that was sent is over.
  drop(reply) {
    this.#kept.entries = this.#kept.entries.filter((entry) => entry.reply !== reply);
    this.#write();
  }

  #write() {
    try {
      sessionStorage.setItem(name, JSON.stringify(this.#kept));
    } catch {
      // Full or forbidden: the page works without.
    }
  }
}

export const memory = new Memory();
