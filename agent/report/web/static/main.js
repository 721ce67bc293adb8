// What is shown follows from the address: the run, or one of its problems. Keys move between them.
async function start() {
  const run = await unpack(embedded(document.getElementById("run-data")));
  const open = opener(run);
  const places = new Map(run.problems.map((one, index) => [one.id, index]));
  const content = document.getElementById("content");
  const view = { search: "", filter: "all", loss: "", column: null, down: false, place: -1 };
  let current = null;

  function update(changes) {
    Object.assign(view, { place: -1 }, changes);
    for (const name of ["filter", "loss"]) document.getElementById(name).value = view[name];
    list();
  }

  function list() {
    document.getElementById("list").replaceChildren(...problemList(run, view, update));
    const row = document.querySelector("tr.current");
    if (row) row.scrollIntoView({ block: "nearest" });
  }

  function show(nodes) {
    content.replaceChildren(...nodes.flat(3).filter(Boolean));
  }

  async function route(first) {
    const id = decodeURI(location.hash.slice(1));
    current = places.has(id) ? places.get(id) : null;
    document.title = current === null ? `${run.name}: codeloop` : `${id}: ${run.name}`;
    if (current === null) {
      show(runPage(run, view, update));
      if (id) content.prepend(el("p", { class: "warning" }, `The run has no problem ${id}.`));
    } else {
      const shown = chosen(run.problems, view);
      view.place = shown.indexOf(current);
      const id_at = (place) => (view.place >= 0 && place in shown ? encodeURI(run.problems[shown[place]].id) : null);
      const moves = { previous: id_at(view.place - 1), next: id_at(view.place + 1), line: run.problems[current] };
      try {
        show(problemPage(run, await open(current), moves));
      } catch (error) {
        show([el("p", { class: "warning" }, `This problem cannot be shown: ${error.message}`)]);
      }
    }
    scrollTo(0, 0);
    if (!first) content.focus();
  }

  function move(step) {
    const shown = chosen(run.problems, view);
    view.place = Math.min(shown.length - 1, Math.max(0, view.place + step));
    if (current === null) list();
    else if (shown.length) location.hash = encodeURI(run.problems[shown[view.place]].id);
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    u: () => { location.hash = ""; },
    t: () => theme(),
    "?": () => document.getElementById("keys").showModal(),
    "/": () => { if (current === null) document.getElementById("search").focus(); },
    Enter: () => { if (current === null && view.place >= 0) location.hash = encodeURI(run.problems[chosen(run.problems, view)[view.place]].id); },
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
  addEventListener("hashchange", () => route(false));
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((node) => { node.open = true; }));
  await route(true);
}

start().catch((error) => {
  document.getElementById("content").replaceChildren(el("p", { class: "warning" }, `This page cannot be shown: ${error.message}`));
});
