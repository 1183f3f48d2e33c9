/* Runs before Django admin's theme.js, which reads the theme from localStorage: hands it the profile's theme, so that
   admin looks like every other page from the first paint; and keeps in the profile what admin's switch chooses. */
{
  const { theme, url, token } = document.currentScript.dataset;
  try { localStorage.setItem("theme", theme); } catch { /* storage is off: admin follows the device */ }
  const root = document.documentElement;
  root.dataset.theme = theme;
  let kept = theme;
  new MutationObserver(() => {
    const chosen = root.dataset.theme;
    if (chosen === kept) return;
    kept = chosen;
    const body = new URLSearchParams({ theme: chosen === "auto" ? "system" : chosen });
    fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
  }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
}
