/* Questions open as dialogs: what htmx puts into #ask is asked at once. */
const ask = document.getElementById("ask");

/* A moment later htmx would put the focus back to where it begins, for whoever has gone on by then. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === ask) event.detail.swapOverride = "innerHTML settle:0ms";
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === ask && !ask.open) ask.showModal();
});

/* A question that cannot be asked here (the session has ended, the row has gone) is asked as a page, which says so. */
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.target === ask) location.assign(event.detail.pathInfo.requestPath);
});
