// Two runs side by side: the problems that only one of them solves come first.
function comparePage(site, view, update) {
  return [
    el("h1", {}, site.name),
    site.notes.map((line) => el("p", { class: "warning" }, line)),
    el("p", { class: "headline" }, site.verdict, el("span", {}, ["better", "worse"].includes(site.verdict) ? " is the second run" : " between the two runs")),
    el("p", { class: "lead" }, site.difference),
    table(["", "first", "second"], site.sides, { caption: "Both runs, on the problems that both scored" }),
    el("h2", {}, "Problems"),
    controls(PAIRS, [], view, update),
    el("div", { id: "list" }, problemList(PAIRS, site.rows, view, update)),
  ];
}

function comparing(site) {
  const open = ["problems-data", "problems-data-second"].map((kind) => opener(site, kind));
  return {
    name: site.name,
    problems: site.rows,
    list: PAIRS,
    overview: (view, update) => comparePage(site, view, update),
    page: async (index) => {
      const both = await Promise.all(open.map((one) => one(index)));
      return el("div", { class: "both" }, both.map((problem, i) =>
        el("div", {}, el("p", { class: "run-name" }, `${i ? "second" : "first"}: ${site.runs[i]}`), problemPage(site, problem, {}, `${"ab"[i]}-`))));
    },
  };
}

function single(run) {
  const open = opener(run);
  return {
    name: run.name,
    problems: run.problems,
    list: PROBLEMS,
    overview: (view, update) => runPage(run, view, update),
    page: async (index) => problemPage(run, await open(index), { line: run.problems[index] }),
  };
}
