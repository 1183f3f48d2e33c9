/* The schedule page: parts that follow what happens do not move under the pointer. */
const open = new Set();
const pointing = matchMedia("(hover: hover)");

/* A part that somebody points at stays; it comes again with the next answer, as it was not seen. The focus needs no
   such care: htmx gives it to the element of the same id. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const part = event.detail.target;
  if (!part.matches(".part")) return;
  if (pointing.matches && part.matches(":hover")) event.detail.shouldSwap = false;
  for (const details of part.querySelectorAll("details[id]")) {
    if (details.open) open.add(details.id);
    else open.delete(details.id);
  }
});

/* What was open stays open. */
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});
