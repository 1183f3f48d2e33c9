/* A log keeps to its end while "Follow" is on; scrolling up switches it off, scrolling to the end on again. */
const boxOf = (log) => document.querySelector(`[data-follow="${CSS.escape(log.id)}"]`);
const follow = (log) => {
  if (boxOf(log)?.checked) log.scrollTop = log.scrollHeight;
};

for (const log of document.querySelectorAll(".log")) {
  follow(log);
  new MutationObserver(() => follow(log)).observe(log, { childList: true, subtree: true });
  log.addEventListener("scroll", () => {
    const box = boxOf(log);
    if (box) box.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  }, { passive: true });
}
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.follow;
  if (name) follow(document.getElementById(name));
});
