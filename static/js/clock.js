/* Times that move by themselves: the clock, "11m ago", and the time a step has taken so far. */
const root = document.documentElement;
/* The server's time on <html> takes the error of a wrong local clock away. */
const skew = root.dataset.now ? Date.parse(root.dataset.now) - Date.now() : 0;
const now = () => Date.now() + skew;

const two = (number) => String(number).padStart(2, "0");

/* The same words as zbmaint/ui/words.py, to the minute and to the second. */
const coarse = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const pair = (big, bigUnit, small, smallUnit) => (small ? `${big}${bigUnit} ${small}${smallUnit}` : `${big}${bigUnit}`);
  if (seconds < 60) return `${Math.round(seconds)}s`;
  if (hours < 1) return `${minutes}m`;
  if (hours < 24) return pair(hours, "h", minutes % 60, "m");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
};
const fine = (seconds) => {
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(Math.floor(seconds % 60))}s`;
  return coarse(seconds);
};

const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };

const relative = (element, at) => {
  const seconds = (Date.parse(element.dateTime) - at) / 1000;
  const length = coarse(Math.abs(seconds));
  write(element, Math.abs(seconds) < 5 ? "just now" : seconds > 0 ? `in ${length}` : `${length} ago`);
};

/* How much of a response time is left. What it means changes with the time: see incidents/rules/clocks.py. */
const SOON = 30 * 60;
const MEANS = { ok: "clock", soon: "clock", breached: "alert" };
const left = (element, at) => {
  const seconds = Math.floor((Date.parse(element.dateTime) - at) / 1000);
  const risky = element.dataset.atRisk && Date.parse(element.dataset.atRisk) <= at;
  const state = seconds <= 0 ? "breached" : seconds <= SOON || risky ? "soon" : "ok";
  write(element.querySelector("span"), seconds <= 0 ? `${fine(-seconds)} over` : `${fine(seconds)} left`);
  if (state === element.dataset.sla) return;
  element.dataset.sla = state;
  const use = element.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${MEANS[state]}`));
  element.dispatchEvent(new CustomEvent("sla", { bubbles: true, detail: state }));
};

const clock = (element, at) => {
  const date = new Date(at);
  const part = (wanted) => date.toLocaleString("en-GB", { ...wanted, timeZone: "UTC" });
  element.dateTime = date.toISOString();
  const day = `${part({ weekday: "short" })} ${part({ day: "numeric" })} ${part({ month: "short" })}`;
  write(element, `${day}, ${part({ hour: "2-digit", minute: "2-digit" })} UTC`);
};

const tick = () => {
  const at = now();
  for (const element of document.querySelectorAll("[data-elapsed]")) {
    write(element, fine(Math.max(0, (at - Date.parse(element.dataset.elapsed)) / 1000)));
  }
  for (const element of document.querySelectorAll("time[data-relative]")) relative(element, at);
  for (const element of document.querySelectorAll("time[data-age]")) {
    write(element, coarse(Math.max(0, (at - Date.parse(element.dateTime)) / 1000)));
  }
  for (const element of document.querySelectorAll("time.sla[data-left]")) left(element, at);
  for (const element of document.querySelectorAll("[data-clock]")) clock(element, at);
  for (const element of document.querySelectorAll("[data-clock-of]")) {
    const form = { hour: "2-digit", minute: "2-digit", timeZone: element.dataset.clockOf };
    write(element, new Date(at).toLocaleTimeString("en-GB", form));
  }
};
tick();
setInterval(tick, 1000);
/* What a swap brings must not stand empty until the next second. */
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(name, tick);
