/* The live pages of runs: what they ask for, the log's cursor, and where the focus goes on. */
const MOST_LINES = 5000; // a page that follows a long run for hours stays light; the download has every line
const find = (selector) => document.querySelector(selector);
const log = find("[data-log]");
let focused = null;

/* The cursor of the log is the last number on the page: a lost answer leaves no gap, a late one doubles no line. */
const number = (line) => Number(line?.id.slice(1) ?? 0);
document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
  if (elt === log) parameters.set("after", number(log.lastElementChild));
  if (elt.matches("[data-upto]:is(:hover, :focus-within)")) parameters.set("upto", elt.dataset.upto);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!requestConfig.elt.matches("[data-live]")) return;
  /* A late answer: another one, such as that to "Cancel", has replaced the asking element meanwhile. */
  if (!requestConfig.elt.isConnected) {
    event.detail.shouldSwap = false;
    return;
  }
  if (xhr.status === 403) {
    /* The role was taken away meanwhile: the page itself says so, once, instead of a toast a second. */
    event.detail.shouldSwap = false;
    location.reload();
  } else if (requestConfig.elt === log) {
    event.detail.shouldSwap &&= Number(requestConfig.parameters.get("after")) === number(log.lastElementChild);
  }
});

/* Spinners that come with a swap turn in step with those that stayed. */
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const animation of document.getAnimations()) {
    if (animation.animationName === "spin") animation.startTime = 0;
  }
});

const longer = () => {
  while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
  const [first, last] = [number(log.firstElementChild), number(log.lastElementChild)];
  if (!last) return;
  log.start = first;
  find("#run-log-range").textContent = `Lines ${first.toLocaleString("en")} to ${last.toLocaleString("en")}`;
};

/* Where the focus was last is gone, closed or disabled, and nothing with its name has come. Answers overtake each other:
   what one of them saw in focus before its swap says nothing about the next one. */
document.addEventListener("focusin", (event) => { focused = event.target; });
const refocus = () => {
  if (document.activeElement !== document.body || !focused) return;
  if (focused.isConnected && !focused.disabled && focused.checkVisibility()) return;
  (find("#run-again") ?? find("#run-cancel:enabled") ?? find("#main")).focus({ preventScroll: true });
};

const ended = () => {
  find("#run-log-live")?.remove();
  find("#cancel-run")?.remove();
};

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target === log) longer();
  if (find("#run-poll[data-ended]")) ended();
  refocus();
});
document.addEventListener("close", refocus, true);

/* The answer is in the page; the question leaves. Without an answer it stays, so that it can be asked again. */
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful || event.detail.xhr.status === 409) event.detail.elt.closest("dialog")?.close();
});
