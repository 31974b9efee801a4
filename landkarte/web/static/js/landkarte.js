// Makes the pages quicker and handier; everything works without it, by links and a GET form.
//
// A change of the filter fetches the same address the form would go to, and takes over the parts marked data-live.

const form = document.getElementById("filter");
const results = document.getElementById("ergebnis");
const wide = matchMedia("(min-width: 64rem)");
let running = null;
let typing = 0;

function wanted() {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") values.append(name, value);
  const text = values.toString();
  return form.getAttribute("action") + (text ? "?" + text : "");
}

async function go(url, { push = true, focus = null } = {}) {
  running?.abort();
  running = new AbortController();
  try {
    const answer = await fetch(url, { signal: running.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const address = new URL(answer.url);
    if (push) history.pushState(null, "", address.pathname + address.search);
    take(page, address);
    document.dispatchEvent(new CustomEvent("landkarte:changed", { detail: page }));
    if (focus) focus();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

function take(page, address) {
  const fresh = new Map([...page.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.get(part.dataset.live);
    if (!next) { part.replaceChildren(); continue; }
    if (part.innerHTML !== next.innerHTML) part.innerHTML = next.innerHTML;
  }
  for (const part of document.querySelectorAll("[data-live-class]")) {
    const next = page.querySelector(`[data-live-class="${CSS.escape(part.dataset.liveClass)}"]`);
    part.classList.toggle("none", next ? next.classList.contains("none") : true);
  }
  const hero = page.querySelector(".hero");
  if (hero) document.querySelector(".hero").className = hero.className;
  for (const link of page.querySelectorAll("[data-tongue]")) {
    document.querySelector(`[data-tongue="${link.dataset.tongue}"]`)?.setAttribute("href", link.getAttribute("href"));
  }
  document.title = page.title;
  settle(address.searchParams, page);
}

// The fields follow the address, so that a removed chip unticks its box.
function settle(values, page) {
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = values.getAll(field.name).includes(field.value);
    else if ((field.type === "search" || field.type === "number") && field !== document.activeElement) field.value = values.get(field.name) ?? "";
  }
  for (const hidden of form.querySelectorAll("input[type=hidden]")) if (hidden.name !== "lang") hidden.remove();
  for (const hidden of page.querySelectorAll("#filter input[type=hidden]")) if (hidden.name !== "lang") form.prepend(hidden.cloneNode());
}

function toResults() {
  results.focus({ preventScroll: true });
  const top = results.getBoundingClientRect().top;
  if (top < 0 || top > innerHeight * 0.7) results.scrollIntoView({ block: "start" });
}

if (form && results) {
  form.addEventListener("change", (event) => {
    if (event.target.type === "search") return;
    go(wanted());
  });
  form.addEventListener("input", (event) => {
    if (event.target.type !== "search" && event.target.type !== "number") return;
    clearTimeout(typing);
    typing = setTimeout(() => go(wanted()), 350);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    shut();
    go(wanted(), { focus: toResults });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    // the path as it stands in the document: links inside of an SVG have no pathname
    const target = new URL(link.getAttribute("href"), location.href);
    if (target.pathname !== location.pathname) return;
    event.preventDefault();
    const label = link.closest(".topics") ? link.textContent : link.getAttribute("aria-label")?.split(":")[0];
    go(target.pathname + target.search, { focus: () => again(label) || toResults() });
  });
  addEventListener("popstate", () => { if (form) go(location.pathname + location.search, { push: false }); });
}

// After a tile or a district was replaced by its fresh self, the focus stays on it.
function again(label) {
  if (!label) return false;
  for (const link of document.querySelectorAll(".topics a, .drawing a")) {
    if (link.textContent === label || link.getAttribute("aria-label")?.startsWith(label + ":")) {
      link.focus({ preventScroll: true });
      return true;
    }
  }
  return false;
}

// Filters: drop-downs on a wide screen, a page of their own on a narrow one.
const panel = document.getElementById("alle-filter");

function others() {
  const found = [];
  for (let node = panel; node !== document.body; node = node.parentElement) {
    found.push(...[...node.parentElement.children].filter((sibling) => sibling !== node && sibling.tagName !== "SCRIPT"));
  }
  return found;
}

function open() {
  panel.classList.add("open");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-modal", "true");
  for (const other of others()) other.inert = true;
  panel.querySelector("[data-close-filter]").focus();
}

function shut() {
  if (!panel) return;
  for (const facet of panel.querySelectorAll("details[open]")) if (wide.matches) facet.open = false;
  if (location.hash === "#alle-filter") history.replaceState(null, "", location.pathname + location.search);
  if (!panel.classList.contains("open")) return;
  panel.classList.remove("open");
  panel.setAttribute("role", "group");
  panel.removeAttribute("aria-modal");
  for (const other of others()) other.inert = false;
  document.querySelector("[data-open-filter]").focus();
}

if (panel) {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-filter]")) { event.preventDefault(); open(); return; }
    if (event.target.closest("[data-close-filter]")) { event.preventDefault(); shut(); return; }
    if (wide.matches && !event.target.closest(".facet")) for (const facet of panel.querySelectorAll("details[open]")) facet.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const facet = event.target.closest?.("details[open].facet");
    if (panel.classList.contains("open")) shut();
    else if (facet) { facet.open = false; facet.querySelector("summary").focus(); }
  });
  wide.addEventListener("change", shut);
  if (location.hash === "#alle-filter" && !wide.matches) open();
}

// Small things
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  const back = event.target.closest("[data-back]");
  if (!back || !globalThis.navigation) return;
  // back to the list one came from, with its filter and its place on the page
  const before = navigation.entries()[navigation.currentEntry.index - 1];
  if (!before || !["/", "/karte", "/stadtteile"].includes(new URL(before.url).pathname)) return;
  event.preventDefault();
  history.back();
});
