/* What lies over the page: dialogs, menus, toasts; and buttons that copy. Listeners sit on document, so fragments
   that htmx swaps in need no set-up. */
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const announce = (text) => {
  const place = document.getElementById("announcer");
  if (place) place.textContent = text;
};

const setIcon = (element, name) => {
  const use = element.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${name}`));
};
const copy = async (element) => {
  const text = element.dataset.copy ?? document.getElementById(element.dataset.copyFrom)?.textContent ?? "";
  await navigator.clipboard.writeText(text);
  announce("Copied");
  setIcon(element, "check");
  setTimeout(() => setIcon(element, "copy"), 1500);
};

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const opener = hit("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal?.();
  hit("[data-dismiss]")?.closest(".toast, .banner")?.remove();
  if (hit("[data-close]")) hit("dialog")?.close();
  if (hit("[data-retry]")) location.reload();
  if (hit("[data-print]")) print();
  const source = hit("[data-copy], [data-copy-from]");
  if (source) copy(source);
  /* A click on the backdrop lands on the dialog itself. */
  if (event.target instanceof HTMLDialogElement) event.target.close();
  for (const menu of all("details.menu[open]")) {
    if (!menu.contains(event.target) || opener) menu.open = false;
  }
});

/* A success without an action leaves after six seconds; errors, and toasts with an action, stay. */
const watch = (toast) => {
  if (toast.dataset?.tone !== "success" || toast.querySelector("button:not([data-dismiss]), a")) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
  setTimeout(leave, 6000);
};
const toasts = document.getElementById("toasts");
if (toasts) {
  const first = all(".toast", toasts);
  first.forEach(watch);
  /* What is in a live region from the start is not spoken. */
  if (first.length) setTimeout(() => announce(first.map((toast) => toast.innerText.trim()).join(". ")), 300);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(watch)))
    .observe(toasts, { childList: true });
}
