// An instant is said in the shop's civil time; where the reader's own clock differs, theirs is added.

import { element } from "./element.js";
import { word } from "./words.js";

// Digits are those of the sentences around (UTS 35, "nu").
const locale = new Intl.Locale(document.documentElement.lang || navigator.language, { numberingSystem: "latn" });

const sameOffset = (iso, at) => {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)(?::\d\d)?$/.exec(iso) ?? [];
  const offset = sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
  return offset === -at.getTimezoneOffset();
};

const local = (iso, at) => {
  const own = `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
  const day = iso.startsWith(own) ? {} : { day: "numeric", month: "long" };
  return new Intl.DateTimeFormat(locale, { ...day, hour: "numeric", minute: "2-digit" }).format(at);
};

// Adds the reader's own time beside a <time>.
export function localise(time) {
  const iso = time.getAttribute("datetime");
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return time;
  time.title = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(at);
  if (!sameOffset(iso, at)) {
    time.append(element("small", { class: "local" }, ` (${word("your_time", { time: local(iso, at) })})`));
  }
  return time;
}
