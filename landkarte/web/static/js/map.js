// The map: districts as the ground, real buttons as markers. The library is fetched only when the frame is on the screen; without
// WebGL the drawn districts stay where they are.

import { Markers } from "./markers.js";

const frame = document.getElementById("karte");
const texts = frame.dataset;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function ground(districts, subdistricts) {
  const layers = [
    { id: "paper", type: "background", paint: { "background-color": colour("--ground") } },
    { id: "district", type: "fill", source: "districts", paint: { "fill-color": colour("--land") } },
  ];
  const sources = { districts: { type: "geojson", data: districts } };
  if (subdistricts) {
    sources.subdistricts = { type: "geojson", data: subdistricts };
    layers.push({ id: "inner", type: "line", source: "subdistricts", paint: { "line-color": colour("--step-4"), "line-width": 0.8, "line-dasharray": [3, 2] } });
  }
  layers.push({ id: "border", type: "line", source: "districts", paint: { "line-color": colour("--edge"), "line-opacity": 0.75, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 1.2, 14, 3] } });
  return { version: 8, sources, layers };
}

// Names as text of the page: no fonts for the map, and every script is shaped by the browser. A name steps aside for a marker, and is
// left out where it finds no room.
const ASIDE = [[0, 0], [0, -34], [0, 34], [0, -56], [0, 56], [-70, 0], [70, 0], [-60, -40], [60, -40], [-60, 40], [60, 40]];

function words(map, library, districts) {
  const names = districts.features.map((feature) => {
    const node = document.createElement("div");
    node.className = "mapword";
    node.setAttribute("aria-hidden", "true");
    node.textContent = (feature.properties.name ?? "").replaceAll("/", "/\n");
    const at = outline(feature.geometry);
    return { node, at, marker: new library.Marker({ element: node }).setLngLat(at).addTo(map) };
  });
  return (markers) => {
    const taken = markers.map(({ at, cluster }) => {
      const { x, y } = map.project(at);
      const half = cluster === undefined ? 18 : 24;
      return [x - half, y - half, x + half, y + half];
    });
    for (const { node, at, marker } of names) {
      const { x, y } = map.project(at);
      const [wide, high] = [node.offsetWidth / 2 + 2, node.offsetHeight / 2 + 1];
      const free = ASIDE.map(([dx, dy]) => [[dx, dy], [x + dx - wide, y + dy - high, x + dx + wide, y + dy + high]]).find(
        ([, box]) => !taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]),
      );
      node.classList.toggle("away", !free);
      if (!free) continue;
      marker.setOffset(free[0]);
      taken.push(free[1]);
    }
  };
}

function outline(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  let best = [0, [0, 0]];
  for (const [ring] of polygons) {
    let area = 0, x = 0, y = 0;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const cross = ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
      area += cross; x += (ring[j][0] + ring[i][0]) * cross; y += (ring[j][1] + ring[i][1]) * cross;
    }
    if (Math.abs(area) > best[0]) best = [Math.abs(area), [x / (3 * area), y / (3 * area)]];
  }
  return best[1];
}

function buttons(map, box) {
  const bar = document.createElement("div");
  bar.className = "mapbuttons";
  const make = (icon, label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.title = label;
    button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${texts.icons}#${icon}"></use></svg>`;
    button.addEventListener("click", act);
    bar.append(button);
  };
  make("plus", texts.textIn, () => map.zoomIn({ animate: !calm.matches }));
  make("minus", texts.textOut, () => map.zoomOut({ animate: !calm.matches }));
  make("map", texts.textAll, () => map.fitBounds(box, { padding: 24, animate: !calm.matches }));
  frame.append(bar);
}

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

async function start() {
  const [library, districts, subdistricts, points] = await Promise.all([
    import(texts.library),
    json(texts.districts),
    texts.subdistricts ? json(texts.subdistricts).catch(() => null) : null,
    json(texts.points),
    import("../vendor/supercluster/supercluster.min.js"),
  ]);
  const [west, south, east, north] = texts.box.split(" ").map(Number);
  const box = [[west, south], [east, north]];
  // room around the city, so that the whole of it fits into a flat frame as into a tall one
  const wide = Math.max(east - west, (north - south) * 2), high = (north - south) * 0.6;
  const node = document.createElement("div");
  node.className = "mapground";
  frame.prepend(node);
  const map = new library.Map({
    container: node,
    style: ground(districts, subdistricts),
    bounds: box,
    fitBoundsOptions: { padding: 24 },
    maxBounds: [[west - wide, south - high], [east + wide, north + high]],
    maxZoom: 16,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: false,
    attributionControl: false,
    cooperativeGestures: false,
    keyboard: false,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  const canvas = map.getCanvas();
  // the picture is only the ground: what can be reached are the markers on it
  for (const name of ["tabindex", "role", "aria-label"]) canvas.removeAttribute(name);
  canvas.setAttribute("aria-hidden", "true");
  await map.once("load");
  frame.classList.add("ready");
  buttons(map, box);
  const markers = new Markers(map, library, { texts, calm, drawn: words(map, library, districts) });
  markers.show(points);
  document.addEventListener("landkarte:changed", async (event) => {
    const next = event.detail.getElementById("karte")?.dataset.points;
    if (!next || next === texts.points) return markers.mark();
    texts.points = next;
    markers.show(await json(next));
  });
  dark.addEventListener("change", () => map.setStyle(ground(districts, subdistricts)));
}

function fail(error) {
  frame.querySelector(".mapground")?.remove();
  frame.querySelector(".mapbuttons")?.remove();
  frame.classList.remove("ready");
  console.info("Die Karte lässt sich hier nicht zeichnen, es bleiben die Stadtbezirke.", error);
}

if (texts.box) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    start().catch(fail);
  });
  seen.observe(frame);
}
