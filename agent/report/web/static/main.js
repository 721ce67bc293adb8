// What is shown follows from the address: the overview, or one of its problems. Keys move between them.
const named = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
const placesOf = (site) => new Map(site.problems.map((one, index) => [one.id, index]));

async function start() {
  const data = await unpack(embedded(document.getElementById("run-data")));
  let site = data.rows ? comparing(data) : single(data);
  let places = placesOf(site);
  const content = document.getElementById("content");
  const view = { search: "", filter: "all", loss: "", column: null, down: false, place: -1 };
  let current = null, searching = false;

  function update(changes) {
    Object.assign(view, { place: -1 }, changes);
    for (const name of ["filter", "loss"]) if (document.getElementById(name)) document.getElementById(name).value = view[name];
    list();
  }

  function list() {
    document.getElementById("list").replaceChildren(...problemList(site.list, site.problems, view, update));
    const row = document.querySelector("tr.current");
    if (row) row.scrollIntoView({ block: "nearest" });
  }

  const shown = () => chosen(site.problems, view, site.list);
  const address = (places, place) => (place in places ? encodeURI(site.problems[places[place]].id) : null);

  async function problem(id) {
    const order = shown();
    view.place = order.indexOf(current);
    const near = view.place < 0 ? {} : { previous: address(order, view.place - 1), next: address(order, view.place + 1) };
    try {
      return [movesTo(near), el("h2", {}, id), await site.page(current)];
    } catch (error) {
      return [el("p", { class: "warning" }, `This problem cannot be shown: ${error.message}`)];
    }
  }

  async function route(first) {
    const id = named(location.hash.slice(1));
    current = places.has(id) ? places.get(id) : null;
    document.title = current === null ? `${site.name}: codeloop` : `${id}: ${site.name}`;
    const nodes = current === null ? site.overview(view, update) : await problem(id);
    if (id !== named(location.hash.slice(1))) return; // another one was asked for meanwhile
    if (current === null && id) nodes.unshift(el("p", { class: "warning" }, `There is no problem ${id} here.`));
    content.replaceChildren(...nodes.flat(3).filter(Boolean));
    scrollTo(0, 0);
    const row = document.querySelector("tr.current");
    if (row) row.scrollIntoView({ block: "center" });
    if (searching) document.getElementById("search").focus();
    else if (!first) content.focus();
    searching = false;
  }

  function move(step) {
    const order = shown();
    view.place = Math.min(order.length - 1, Math.max(0, view.place + step));
    if (current === null) list();
    else if (order.length) location.hash = address(order, view.place);
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    u: () => { location.hash = ""; },
    t: () => theme(),
    "?": () => document.getElementById("keys").showModal(),
    "/": () => {
      if (current === null) return document.getElementById("search").focus();
      searching = true;
      location.hash = "";
    },
    Enter: () => { if (current === null && view.place >= 0) location.hash = address(shown(), view.place); },
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, dialog");
    const pressing = event.key === "Enter" && event.target.closest("a, button, summary");
    if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });

  function theme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }

  document.getElementById("theme").addEventListener("click", theme);
  document.getElementById("help").addEventListener("click", keys["?"]);
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); content.focus(); });
  addEventListener("hashchange", () => route(false));
  printAll();
  await route(true);
  requestAnimationFrame(() => setTimeout(() => performance.mark("painted")));
  if (data.live) follow((changed) => {
    const id = current === null ? null : site.problems[current].id;
    site = single(changed);
    places = placesOf(site);
    if (id === null) return renew();
    current = places.has(id) ? places.get(id) : null; // a problem stays as it is while it is read
    view.place = shown().indexOf(current);
  });

  function renew() {
    const typing = document.activeElement, [top, open] = [scrollY, [...document.querySelectorAll("main details")].map((node) => node.open)];
    const caret = typing && typing.id === "search" ? typing.selectionStart : null;
    content.replaceChildren(...site.overview(view, update).flat(3).filter(Boolean));
    document.querySelectorAll("main details").forEach((node, i) => { node.open = open[i]; });
    const again = typing && typing.id && document.getElementById(typing.id);
    if (again) again.focus({ preventScroll: true });
    if (caret !== null) again.setSelectionRange(caret, caret);
    scrollTo(0, top);
  }
}

start().catch((error) => {
  document.getElementById("content").replaceChildren(el("p", { class: "warning" }, `This page cannot be shown: ${error.message}`));
});
