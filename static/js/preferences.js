/* Theme, density and single keys are seen at once; the form's hx-post keeps them in the profile. */
const root = document.documentElement;

const show = {
  theme: (value) => {
    if (value === "system") delete root.dataset.theme;
    else root.dataset.theme = value;
  },
  density: (value) => { root.dataset.density = value; },
  single_keys: (value) => {
    if (value === "on") delete root.dataset.singleKeys;
    else root.dataset.singleKeys = "off";
  },
};

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.closest("form[data-preferences]")) return;
  show[field.name]?.(field.type === "checkbox" && !field.checked ? "off" : field.value);
});
