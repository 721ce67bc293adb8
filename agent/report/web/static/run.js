// The page of the run: headline, charts, figures, and the list of problems.
function runPage(run, view, update) {
  const head = run.headline;
  return [
    el("h1", {}, run.name),
    [...run.missing, ...run.warnings].map((line) => el("p", { class: "warning" }, line)),
    head.total ? [el("p", { class: "headline" }, `${head.singlePercent.toFixed(1)} % → ${head.finalPercent.toFixed(1)} %`, el("span", {}, " pass@1, single shot and final")),
    el("p", { class: "lead" }, `${head.difference}; exact McNemar ${head.p}. ${head.gained} gained, ${head.lost} lost, of ${head.total} problems.`)] : el("p", { class: "headline" }, "No problem is scored yet"),
    el("p", {}, `Cost: ${run.spent}.`),
    el("div", { class: "charts" },
      costChart(run),
      bars("Answers by outcome on the hidden tests", run.outcomes),
      bars("Lost problems by reason (choose one to list them)", run.losses, (name) => update({ loss: name, filter: "lost" })),
      bars("Solved by", run.rounds.map((number, i) => [i ? `round ${i}` : "drafts and their patches", number]).concat(run.patched === null ? [] : [["of all, patches", run.patched]])),
      run.errors.length ? bars("Programs of the model by error on visible tests", run.errors) : null,
      bars("Problems by isolation of the judge", Object.entries(run.isolation))),
    details("All figures", () => table(["figure", "value"], run.figures.map(([name, value, strong]) => [name, strong ? el("strong", {}, value) : value]))),
    details("Provenance", () => table(["key", "value"], run.provenance)),
    run.unscored.length ? table(["unscored problem", "reason"], run.unscored) : null,
    el("h2", {}, "Problems"),
    controls(PROBLEMS, run.losses, view, update),
    el("div", { id: "list" }, problemList(PROBLEMS, run.problems, view, update)),
  ];
}

function controls(list, losses, view, update) {
  const option = (value, text, current) => el("option", { value, selected: value === current }, text);
  return el("form", { class: "controls", role: "search", onsubmit: (event) => event.preventDefault() },
    el("label", {}, "Search ", el("input", { type: "search", id: "search", value: view.search, oninput: (event) => update({ search: event.target.value }) })),
    el("label", {}, "Show ", el("select", { id: "filter", onchange: (event) => update({ filter: event.target.value }) }, Object.keys(list.filters).map((name) => option(name, name, view.filter)))),
    losses.length ? el("label", {}, "Lost by ", el("select", { id: "loss", onchange: (event) => update({ loss: event.target.value }) }, option("", "any reason", view.loss), losses.map(([name]) => option(name, name, view.loss)))) : null);
}

function problemList(list, problems, view, update) {
  const shown = chosen(problems, view, list);
  const sort = (i) => update({ column: i, down: view.column === i && !view.down });
  const head = list.columns.map(([name], i) => el("th", { scope: "col", "aria-sort": view.column === i ? (view.down ? "descending" : "ascending") : "none" },
    el("button", { type: "button", onclick: () => sort(i) }, name, view.column === i ? (view.down ? " ▾" : " ▴") : "")));
  const cell = (name, value, one) => {
    if (name === "problem") return el("th", { scope: "row" }, el("a", { href: `#${encodeURI(one.id)}` }, value));
    if (name === "single shot" || name.endsWith("answer")) return el("td", {}, verdict(value));
    return el("td", {}, typeof value === "number" ? whole(value) : value);
  };
  const rows = shown.map((index, place) => el("tr", { class: place === view.place ? "current" : null },
    list.columns.map(([name, key]) => cell(name, key(problems[index]), problems[index]))));
  return [
    el("p", { role: "status" }, `${shown.length} of ${problems.length} problems`),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": list.caption },
      el("table", { class: "problems" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))),
  ];
}
