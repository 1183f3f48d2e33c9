/* Draws the figures of a page in its colours, and leads from a point to the rows behind it. A figure is JSON that the server made, in the element that data-chart
   names; a colour "@blue-fill" in it is the token --blue-fill, as it is in the theme in use. */
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

const token = (name) => {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
};

const resolved = (value) => {
  if (typeof value === "string") return value.startsWith("@") ? token(value.slice(1)) : value;
  if (Array.isArray(value)) return value.map(resolved);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each)]));
  return value;
};

const template = () => {
  const family = getComputedStyle(document.body).fontFamily;
  const muted = token("ink-muted");
  const axis = {
    automargin: true, zeroline: false, ticks: "", showline: false, fixedrange: true,
    gridcolor: token("line"), gridwidth: 1, tickfont: { color: muted, size: 12 }, title: { font: { size: 12, color: muted } },
  };
  return {
    layout: {
      font: { family, size: 12, color: muted },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      colorway: ["blue-fill", "ink-faint", "ink", "line-strong"].map(token),
      margin: { l: 12, r: 16, t: 44, b: 28, pad: 6 },
      xaxis: { ...axis, showgrid: false, nticks: 7, spikethickness: 1, spikedash: "solid", spikecolor: token("line-control") },
      yaxis: { ...axis, nticks: 5 },
      legend: { orientation: "h", xref: "container", yref: "container", x: 0.012, y: 0.985, xanchor: "left", yanchor: "top", font: { color: muted, size: 12 }, itemclick: false, itemdoubleclick: false },
      hoverlabel: { bgcolor: token("raised"), bordercolor: token("line-strong"), font: { family, size: 12, color: token("ink") } },
      annotationdefaults: { font: { size: 12, color: muted } },
    },
  };
};

const boxes = () => document.querySelectorAll("[data-chart]");
const options = { displayModeBar: false, responsive: true, scrollZoom: false, showTips: false };

/* How far the pointer is from a point; inside of a bar it is near, so that a line over it is met by itself. */
const NEAR = 8;
const distance = (box, point, pointer) => {
  if (!point.yaxis) return 0;
  const y = pointer.clientY - box.getBoundingClientRect().top - point.yaxis._offset;
  const top = point.yaxis.d2p(point.y);
  return point.data.type === "bar" && y > top ? NEAR : Math.abs(y - top);
};

/* A point holds the path of its rows as customdata; only a path of this site is gone to. */
const pathOf = (point) => {
  if (typeof point.customdata !== "string") return null;
  const url = new URL(point.customdata, location.href);
  return url.origin === location.origin ? url.href : null;
};

const lead = (box) => {
  if (box.leads) return;
  box.leads = true;
  box.on("plotly_hover", ({ points }) => box.classList.toggle("plot--leads", points.some(pathOf)));
  box.on("plotly_unhover", () => box.classList.remove("plot--leads"));
  box.on("plotly_click", ({ points, event }) => {
    const near = points.filter(pathOf).sort((a, b) => distance(box, a, event) - distance(box, b, event))[0];
    if (!near) return;
    if (event.ctrlKey || event.metaKey) open(pathOf(near), "_blank", "noopener");
    else location.assign(pathOf(near));
  });
};

const sorry = (box, why) => {
  const words = box.querySelector(".plot__words") ?? document.createElement("p");
  words.className = "plot__words";
  words.textContent = `This chart could not be drawn: ${why}. The table under it has its numbers.`;
  box.replaceChildren(words);
};

const draw = async (box, shared, size = {}) => {
  if (!window.Plotly) return sorry(box, "the script that draws it did not load");
  box.querySelector(".plot__words")?.remove();
  try {
    await paint(box, shared, size);
    lead(box);
  } catch (error) {
    console.error(error);
    sorry(box, "the script that draws it failed");
  }
};

const paint = (box, shared, size) => {
  const figure = resolved(JSON.parse(document.getElementById(box.dataset.chart).textContent));
  return window.Plotly.react(box, figure.data, { autosize: true, ...figure.layout, ...size, template: shared }, options);
};

/* One after the other, so that the page answers in between. */
let turn = 0;
const drawAll = async () => {
  const mine = ++turn;
  const shared = template();
  for (const box of boxes()) {
    await draw(box, shared);
    await new Promise((next) => setTimeout(next));
    if (mine !== turn) return;
  }
};

drawAll();
new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
document.addEventListener("htmx:beforeSwap", (event) => {
  for (const box of event.detail.target.querySelectorAll?.("[data-chart]") ?? []) window.Plotly?.purge(box);
});
document.addEventListener("htmx:afterSettle", drawAll);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

/* Paper has one column and is light: a width that fits A4 and the light colours, then those of the page again. */
addEventListener("beforeprint", () => {
  turn += 1;
  probe.style.colorScheme = "light";
  const shared = template();
  for (const box of boxes()) draw(box, shared, { autosize: false, width: 640, height: 260 });
  probe.style.colorScheme = "";
});
addEventListener("afterprint", drawAll);
