/* Tickets that are chosen in a list. The boxes belong to form#bulk; the bar shows itself while one is checked. */
const table = () => document.querySelector("#tickets .tickets");
const boxes = () => [...document.querySelectorAll("#tickets tbody .check input")];
const checked = () => boxes().filter((box) => box.checked);
let last = null;
let kept = [];

const tell = () => {
  const count = checked().length;
  const output = document.getElementById("selected-count");
  if (output) output.textContent = count ? `${count} selected` : "Selected";
  const all = table()?.querySelector("[data-select-all]");
  if (!all) return;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
};
const clear = () => {
  for (const box of checked()) box.checked = false;
  tell();
};

document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-select-all]")) for (const box of boxes()) box.checked = target.checked;
  if (target.closest?.("#tickets")) tell();
});

/* With shift all between the last one and this one. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-clear-selection]")) clear();
  const box = event.target.closest("#tickets tbody .check input");
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  last = box;
  tell();
});

document.addEventListener("keydown", (event) => {
  const elsewhere = "dialog, input:not([type='checkbox']), select, textarea";
  if (event.key !== "Escape" || document.querySelector("dialog[open], details.menu[open]")) return;
  if (!event.target.closest?.(elsewhere)) clear();
}, true); // before the menu that it closes is closed

/* A row that was chosen by a key for one deed alone is let go when nothing comes of it. */
document.getElementById("ask")?.addEventListener("close", () => {
  for (const box of boxes().filter((each) => "lent" in each.dataset)) {
    box.checked = false;
    delete box.dataset.lent;
  }
  tell();
});

/* Chosen rows stay chosen when they read anew, one by one or as the whole list by the pill. */
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
  const box = target.querySelector?.(".check input");
  const next = fragment.querySelector?.(".check input");
  if (box && next) next.checked = box.checked;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "tickets") return;
  kept = detail.requestConfig.elt.id === "queue-pill" ? checked().map((box) => box.closest("tr").id) : [];
});
document.addEventListener("htmx:afterSettle", () => {
  if (!kept.length) return;
  for (const box of boxes()) if (kept.includes(box.closest("tr").id)) box.checked = true;
  kept = [];
  tell();
});
tell();
