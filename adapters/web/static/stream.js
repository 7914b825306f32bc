// Live news. The browser reconnects by itself and says which event it had last; a reload remembers it for this person.

import { address } from "./talk.js";

const patience = 2000;
const pause = 3000;

export class News {
  constructor({ memory, show, status }) {
    this.memory = memory;
    this.show = show;
    this.status = status;
    this.lost = 0;
    this.#connect();
  }

  #connect() {
    const { last } = this.memory;
    const source = new EventSource(address("/web/events", last ? { last } : {}));
    source.onopen = () => this.#open();
    source.onmessage = (event) => this.#take(event);
    source.onerror = () => {
      this.lost ||= setTimeout(() => this.status(false), patience);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#connect(), pause);
    };
  }

  #open() {
    if (this.lost) {
      clearTimeout(this.lost);
      this.lost = 0;
      this.status(true);
    }
  }

  #take(event) {
    const id = Number(event.lastEventId);
    if (id <= this.memory.last) return;
    this.memory.last = id;
    this.show(JSON.parse(event.data));
  }
}
