/* Keys: Esc closes; "/" filters or searches, "?" lists, "g" and a letter go, "j" and "k" walk through the tickets of a list,
   "x" chooses the one in focus, letters press what states them in aria-keyshortcuts.
   Single keys never fire in fields, and can be switched off in the list of shortcuts. */
const one = (selector) => document.querySelector(selector);
const FIELDS = 'input:not([type="checkbox"], [type="radio"]), select, textarea, [contenteditable]';
let goUntil = 0;

const closeMenu = () => {
  const menu = one("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
};

/* What is done to the chosen tickets is done, while none is chosen, to the one in focus. */
const boxInFocus = () => document.activeElement?.closest("#tickets tbody tr")?.querySelector(".check input");
const lend = () => {
  const box = boxInFocus();
  if (!box) return false;
  box.click();
  box.dataset.lent = "";
  return true;
};
const choose = () => {
  const box = boxInFocus();
  box?.click();
  return Boolean(box);
};

/* Back to the list from which one came, with its filters; else where the page's own link leads. */
const back = () => {
  const link = one('main [aria-keyshortcuts="u"]');
  if (link) location.assign(sessionStorage.getItem("queue:list") ?? link.href);
  return Boolean(link);
};

/* Keys that mean more than to press what states them. */
const own = { j: () => step(1), k: () => step(-1), x: choose, u: back };

const press = (key) => {
  const stated = `[aria-keyshortcuts="${CSS.escape(key)}"]:not(:disabled)`;
  const target = one(`main ${stated}`) ?? one(`.topbar ${stated}`); // what is said of this page goes first
  if (target?.closest(".bulkbar") && !target.checkVisibility() && !lend()) return false;
  if (target?.matches(FIELDS)) target.focus();
  else target?.click();
  return Boolean(target);
};

/* To the title of the next ticket or of the one before, after the last one to the next page. */
const step = (by) => {
  const stops = [...document.querySelectorAll("#tickets .title a, #page-after")];
  const row = document.activeElement?.closest("tr");
  const here = stops.findIndex((stop) => stop === document.activeElement || row?.contains(stop));
  const next = stops[Math.min(Math.max(here + by, 0), stops.length - 1)];
  next?.focus({ preventScroll: true });
  (next?.closest("tr") ?? next)?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return closeMenu();
  if (event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.singleKeys === "off") return;
  if (one("dialog[open]") || event.target.closest?.(FIELDS)) return;
  if (event.shiftKey && /^\p{L}$/u.test(event.key)) return; // signs may need it
  const key = event.key.toLowerCase();
  if (Date.now() < goUntil) {
    goUntil = 0;
    const place = one(`.sidebar a[data-go="${CSS.escape(key)}"]`);
    if (place) location.assign(place.href);
  } else if (key === "g") {
    goUntil = Date.now() + 1200;
  } else if (key === "?") {
    document.getElementById("shortcuts")?.showModal();
  } else if (own[key]?.() || press(key)) {
    event.preventDefault();
  }
});
