// Points of the map as buttons: one stop for the Tab key, arrow keys from place to place in reading order, Enter chooses.

const RADIUS = 52; // pixels; markers are 44 wide

export class Markers {
  constructor(map, library, { texts, calm, drawn }) {
    Object.assign(this, { map, library, texts, calm, drawn });
    this.shown = new Map();
    this.list = [];
    map.getCanvasContainer().setAttribute("role", "group");
    map.getCanvasContainer().setAttribute("aria-label", texts.textMap);
    map.on("moveend", () => this.draw());
    map.getCanvasContainer().addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerover", (event) => this.light(event.target.closest?.(".card[data-place]")));
    document.addEventListener("focusin", (event) => this.light(event.target.closest?.(".card[data-place]")));
  }

  // Take new points: columns id, lng, lat, n, name, icon.
  show(points) {
    const features = points.id.map((id, i) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [points.lng[i], points.lat[i]] },
      properties: { id, n: points.n[i], name: points.name[i], icon: points.icon[i], places: 1 },
    }));
    this.index = new globalThis.Supercluster({
      radius: RADIUS,
      maxZoom: 15,
      map: ({ n }) => ({ n, places: 1 }),
      reduce: (sum, { n, places }) => { sum.n += n; sum.places += places; },
    }).load(features);
    for (const { marker } of this.shown.values()) marker.remove();
    this.shown.clear();
    this.draw();
  }

  draw() {
    const bounds = this.map.getBounds();
    const found = this.index.getClusters([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], Math.floor(this.map.getZoom() + 0.5));
    const next = new Map();
    for (const feature of found) {
      const { cluster_id: cluster, id, n } = feature.properties;
      const key = cluster === undefined ? `p${id}` : `c${cluster}-${n}`;
      next.set(key, this.shown.get(key) ?? this.make(feature));
    }
    const focused = document.activeElement?.closest(".pinmark");
    for (const [key, { marker, button }] of this.shown) {
      if (next.has(key)) continue;
      if (button === focused) this.lost = true;
      marker.remove();
    }
    this.shown = next;
    const rtl = document.documentElement.dir === "rtl";
    // rows of markers from north to south, each in reading direction
    this.list = [...next.values()].sort((a, b) => {
      const rows = Math.round(this.map.project(a.at).y / 60) - Math.round(this.map.project(b.at).y / 60);
      return rows || (rtl ? b.at[0] - a.at[0] : a.at[0] - b.at[0]);
    });
    for (const { marker, button } of this.list) {
      if (!button.isConnected) marker.addTo(this.map);
      else if (button !== document.activeElement) button.parentElement.append(button);
      button.tabIndex = -1;
    }
    const first = this.list.find(({ button }) => button === document.activeElement) ?? this.list[0];
    if (first) first.button.tabIndex = 0;
    if (this.lost && first) { this.lost = false; first.button.focus({ preventScroll: true }); }
    this.mark();
    this.drawn(this.list);
  }

  make(feature) {
    const { cluster_id: cluster, id, n, name, icon } = feature.properties;
    const button = document.createElement("button");
    button.type = "button";
    button.className = cluster === undefined ? "pinmark" : "pinmark cluster";
    const face = document.createElement("span");
    if (n === 1 && icon) face.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${this.texts.icons}#${encodeURIComponent(icon)}"></use></svg>`;
    else face.textContent = n.toLocaleString(document.documentElement.lang);
    button.append(face);
    const amount = `${this.texts.textOffers} ${n.toLocaleString(document.documentElement.lang)}`;
    button.setAttribute("aria-label", cluster === undefined ? (n === 1 ? name : `${name}. ${amount}`) : `${amount}, ${this.texts.textCloser}`);
    if (cluster === undefined) button.title = name;
    const at = feature.geometry.coordinates;
    button.addEventListener("click", () => (cluster === undefined ? this.choose(id) : this.closer(cluster, at)));
    const marker = new this.library.Marker({ element: button, anchor: "center" }).setLngLat(at);
    return { marker, button, at, id, cluster };
  }

  closer(cluster, at) {
    const zoom = Math.min(this.index.getClusterExpansionZoom(cluster), 16);
    const options = { center: at, zoom: Math.max(zoom, this.map.getZoom() + 1) };
    if (this.calm.matches) this.map.jumpTo(options);
    else this.map.easeTo({ ...options, duration: 350 });
  }

  // Show the offers of a place in the list: the same address line with `place`.
  choose(id) {
    const url = new URL(location.href);
    const again = url.searchParams.get("place") === id;
    url.searchParams.delete("place");
    url.searchParams.delete("page");
    if (!again) url.searchParams.append("place", id);
    const link = document.createElement("a");
    link.href = url.pathname + url.search;
    link.dataset.go = "";
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
  }

  mark() {
    const chosen = new URLSearchParams(location.search).get("place");
    for (const { button, id, cluster } of this.shown.values()) {
      if (cluster === undefined) button.setAttribute("aria-pressed", String(id === chosen));
    }
  }

  light(card) {
    const place = card?.dataset.place;
    if (place === this.lit) return;
    this.lit = place;
    for (const { button, id, cluster } of this.shown.values()) {
      const inside = place && (cluster === undefined ? id === place : this.index.getLeaves(cluster, Infinity).some((leaf) => leaf.properties.id === place));
      button.classList.toggle("lit", Boolean(inside));
    }
  }

  key(event) {
    const now = this.list.findIndex(({ button }) => button === document.activeElement);
    if (now < 0) return;
    const rtl = document.documentElement.dir === "rtl";
    const steps = { ArrowDown: 1, ArrowUp: -1, ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 };
    let next = null;
    if (event.key in steps) next = (now + steps[event.key] + this.list.length) % this.list.length;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = this.list.length - 1;
    else if (event.key === "+") this.map.zoomIn({ animate: !this.calm.matches });
    else if (event.key === "-") this.map.zoomOut({ animate: !this.calm.matches });
    if (next === null) return;
    event.preventDefault();
    this.list[now].button.tabIndex = -1;
    this.list[next].button.tabIndex = 0;
    this.list[next].button.focus({ preventScroll: true });
  }
}
