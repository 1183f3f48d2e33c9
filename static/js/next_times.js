/* The form of a schedule in admin: its next times follow what is typed, before anything is saved. */
const when = document.getElementById("id_when");
const zone = document.getElementById("id_time_zone");
const place = () => document.getElementById("next-times-of-form");
const DELAY = 300; // ms without a key
let waiting;
let asked = 0;

const show = async () => {
  const mine = ++asked;
  const query = new URLSearchParams({ when: when.value, time_zone: zone.value });
  const answer = await fetch(`${when.dataset.preview}?${query}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  place().replaceChildren(...page.getElementById("next-times-of-form").childNodes);
};

/* After a rejected save the fields hold what the server could not take. */
if (document.querySelector(".errornote")) show().catch(() => {});
for (const field of [when, zone]) {
  field?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => show().catch(() => {}), DELAY);
  });
}
