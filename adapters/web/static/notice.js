// A page of one card: its dates get the reader's own time.

import { localise } from "./times.js";

document.querySelectorAll("time[datetime]").forEach(localise);
