/* Questions open as dialogs: what htmx puts into #ask is asked at once. */
const ask = document.getElementById("ask");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === ask && !ask.open) ask.showModal();
});

/* A question that cannot be asked here (the session has ended, the row has gone) is asked as a page, which says so. */
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.target === ask) location.assign(event.detail.pathInfo.requestPath);
});
