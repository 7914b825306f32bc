// A page of one card: its dates get the reader's own time, and where it waits for a payment it looks again.

import { localise } from "./times.js";

const pause = 1500;
const most = 200;

const dress = () => document.querySelectorAll("time[datetime]").forEach(localise);

async function lookAgain() {
  for (let look = 0; look < most && "waits" in document.body.dataset; look += 1) {
    await new Promise((done) => setTimeout(done, pause));
    const text = await fetch(location.href)
      .then((response) => (response.ok ? response.text() : ""))
      .catch(() => "");
    if (!text) continue;
    const now = new DOMParser().parseFromString(text, "text/html");
    if ("waits" in now.body.dataset) continue;
    document.querySelector("main").replaceWith(document.adoptNode(now.querySelector("main")));
    document.title = now.title;
    delete document.body.dataset.waits;
    dress();
  }
}

dress();
lookAgain();
