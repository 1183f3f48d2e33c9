/* Says whether the page still hears from the server, and keeps the focus where it was through htmx swaps. */
const one = (selector, root = document) => root.querySelector(selector);
const banner = document.getElementById("connection");
const FAILING = new Set([502, 503, 504]);
let asking;

const setText = (element, text) => {
  const node = [...element.childNodes].findLast((child) => child.nodeType === Node.TEXT_NODE);
  if (node && node.data !== text) node.data = text;
};

const live = (ok) => {
  const mark = document.getElementById("live");
  if (mark) {
    one(".dot", mark).dataset.health = ok ? "up" : "down";
    setText(mark, ok ? "Live" : "Offline");
  }
  if (!banner) return;
  const known = one("[data-known-at]", banner);
  if (ok) {
    const at = new Date();
    known.dateTime = at.toISOString();
    known.textContent = `${at.toISOString().slice(11, 16)} UTC`;
    known.title = `${at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" })} UTC`;
  }
  banner.hidden = ok;
  if (ok) {
    clearInterval(asking);
    asking = undefined;
  } else {
    asking ??= setInterval(ask, 5000);
  }
};

const ask = async () => {
  try {
    if ((await fetch(banner.dataset.probe, { cache: "no-store" })).ok) live(true);
  } catch { /* still no answer */ }
};

for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => live(false));
document.addEventListener("htmx:responseError", (event) => {
  if (FAILING.has(event.detail.xhr.status)) live(false);
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!FAILING.has(event.detail.xhr.status)) live(true);
});
addEventListener("offline", () => live(false));
addEventListener("online", ask);

/* A page that nobody sees does not ask by itself; it catches up when it is seen again. */
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-live]")) event.preventDefault();
});

/* What comes by itself waits for the next time while somebody presses: a swap before they let go would swallow the
   click. */
const PRESS = 700; // ms; longer is no click any more
let pressedAt = -PRESS;
addEventListener("pointerdown", () => { pressedAt = performance.now(); });
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => { pressedAt = -PRESS; });
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.elt.matches("[data-live]") && performance.now() - pressedAt < PRESS) {
    event.detail.shouldSwap = false;
  }
});

/* After a swap that took the focused element away, focus goes to the part marked data-focus. */
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement !== document.body) return;
  const part = event.detail.elt;
  (part.matches?.("[data-focus]") ? part : part.querySelector?.("[data-focus]"))?.focus();
});
