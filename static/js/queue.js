/* The queue follows what happens and holds still under the pointer: what would move waits in a pill. */
const find = (selector) => document.querySelector(selector);
const hovers = matchMedia("(hover: hover)");
const SETTLED = 1500; // ms after a clock has passed; the server's must have passed too
let said = "";
let pressed = false;
let waking;

const announce = (text) => { find("#announcer").textContent = text; };
const wake = () => {
  const poll = find("#queue-poll");
  if (poll && !document.hidden) htmx.trigger(poll, "wake");
};

/* Whether somebody points at the list, works in it or has chosen some of it. A finger may be about to press: there the
   pill only waits. */
const HELD = ":hover, :focus-within, :has(tbody :checked)";
const held = () => !hovers.matches || Boolean(find("#tickets")?.matches(HELD));
const settle = () => {
  const pill = find("#queue-pill:not(.htmx-request)");
  if (pill && !held()) pill.click();
};

/* Only now does the pill listen: a press before would be lost. */
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.id !== "queue-news") return;
  const text = find("#queue-pill")?.textContent.trim() ?? "";
  if (text && text !== said && held()) announce(`${text}. The list has not moved.`);
  said = text;
  settle();
});
document.addEventListener("pointerover", settle);
document.documentElement.addEventListener("pointerleave", settle);
document.addEventListener("focusout", () => setTimeout(settle));
document.addEventListener("visibilitychange", wake);

/* Who has pressed the pill with a key goes on at the first row. */
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (elt.id === "queue-pill") pressed = elt.matches(":focus-visible");
});
document.addEventListener("htmx:afterSettle", () => {
  if (pressed && !find("#queue-pill")) {
    pressed = false;
    find("#tickets .title a")?.focus();
  }
});

/* A clock that passes is said, and what it means for the groups is asked for. */
document.addEventListener("sla", ({ target, detail }) => {
  const number = target.closest("tr")?.querySelector(".id")?.textContent;
  if (!number) return;
  const clock = target.title.startsWith("Resolution") ? "resolution" : "response";
  if (detail === "breached") announce(`${number} passed its ${clock} target`);
  clearTimeout(waking);
  waking = setTimeout(wake, SETTLED);
});

/* The same choice stands in the account menu. */
document.addEventListener("change", ({ target }) => {
  if (target.name !== "density") return;
  for (const other of document.querySelectorAll(`[name="density"][value="${target.value}"]`)) other.checked = true;
});

/* On a narrow screen the tabs scroll; the chosen one is seen. */
find(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

/* Who works with keys comes back to the row where they were, or to the one that stands in its place now. */
const PLACE = "queue:row";
const titles = () => [...document.querySelectorAll("#tickets .title a")];
let byKey = false;
let place = null;
document.addEventListener("keydown", () => { byKey = true; }, true);
document.addEventListener("pointerdown", () => { byKey = false; }, true);
document.addEventListener("focusin", ({ target }) => {
  const title = target.closest("#tickets tbody tr")?.querySelector(".title a");
  if (title) place = { id: title.id, at: titles().indexOf(title) };
  else if (!target.closest("dialog, .bulkbar")) place = null;
});
/* Enter in the search field goes on to the first ticket that it finds. What is listed already is not asked again: that
   would take away what has been chosen meanwhile. */
const filters = find("#filters");
const asks = () => new URLSearchParams(new FormData(filters)).toString();
let listed = asks();
let searched = false;
const goOn = () => {
  if (searched) titles()[0]?.focus();
  searched = false;
};
filters.addEventListener("keydown", ({ key, target }) => { searched = key === "Enter" && target.id === "filter-q"; });
filters.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== filters) return;
  const wanted = asks();
  if (wanted !== listed) {
    listed = wanted;
    return;
  }
  event.preventDefault();
  goOn();
});
filters.addEventListener("htmx:afterRequest", ({ detail: { successful } }) => {
  if (!successful) listed = null;
});
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (elt.id === "tickets") goOn();
});
addEventListener("pagehide", () => {
  sessionStorage.setItem("queue:list", location.pathname + location.search); // where "u" on a ticket leads
  if (byKey && place) sessionStorage.setItem(PLACE, JSON.stringify(place));
});
const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
sessionStorage.removeItem(PLACE);
if (kept && document.activeElement === document.body) {
  const rows = titles();
  const title = document.getElementById(kept.id) ?? rows[Math.min(kept.at, rows.length - 1)];
  title?.focus({ preventScroll: true });
  title?.scrollIntoView({ block: "nearest" });
  byKey = Boolean(title);
}
