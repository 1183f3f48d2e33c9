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
