/* What one writes survives a reload: forms with data-draft keep their fields in this tab until they are sent. */
const KEPT = "draft:";
const forms = () => [...document.querySelectorAll("form[data-draft]")];
const fields = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken");
const name = (form) => KEPT + form.dataset.draft;

const keep = (form) => {
  const values = Object.fromEntries(fields(form).map((field) => [field.name, field.value]));
  sessionStorage.setItem(name(form), JSON.stringify(values));
};

/* A form that comes back with its errors holds what was sent, and that is newer. */
const restore = (form) => {
  const kept = sessionStorage.getItem(name(form));
  if (!kept || form.querySelector('[aria-invalid="true"], .banner')) return;
  const values = JSON.parse(kept);
  for (const field of fields(form)) {
    if (values[field.name] === undefined || values[field.name] === field.value) continue;
    field.value = values[field.name];
    if (field.type !== "hidden") field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form) keep(form);
});

/* A new ticket was opened under the id that its draft holds: the page of that ticket ends the draft. */
const opened = document.querySelector("[data-ticket-id]")?.dataset.ticketId;
const draft = JSON.parse(sessionStorage.getItem(`${KEPT}ticket`) ?? "null");
if (opened && draft?.id === opened) sessionStorage.removeItem(`${KEPT}ticket`);

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  if (successful && elt.matches("form[data-draft]")) sessionStorage.removeItem(name(elt));
});

forms().forEach(restore);

/* A page that nobody saw catches up when it is seen again. */
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("activity"));
});

/* Nothing moves under the pointer: new actions wait until nobody is about to press one of the old ones, whose version
   says what was seen. */
let waiting = null;
const IN_USE = ":hover, :focus-within, :has([open])";
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id !== "ticket-actions" || !target.matches(IN_USE)) return;
  event.detail.shouldSwap = false;
  waiting = fragment.firstElementChild;
});
const settle = () => {
  const actions = document.getElementById("ticket-actions");
  if (!waiting || !actions || actions.matches(IN_USE)) return;
  actions.replaceWith(waiting);
  htmx.process(waiting);
  waiting = null;
};
for (const name of ["pointerover", "focusin", "click"]) document.addEventListener(name, () => setTimeout(settle));
