// The matrix: candidates by visible tests, as a picture whose cells open.
const KINDS = { ".": "passed", "✗": "wrong" };

function matrixPicture(problem, legend) {
  const place = el("div", { class: "evidence", "aria-live": "polite" });
  const open = (candidate, test, cell) => {
    place.closest("section").querySelectorAll(".cell[aria-pressed=true]").forEach((one) => one.setAttribute("aria-pressed", "false"));
    cell.setAttribute("aria-pressed", "true");
    place.replaceChildren(evidence(problem, candidate, test, legend));
  };
  const rows = problem.candidates.map((one) => {
    const cells = problem.rows[one.id];
    return el("tr", { class: one.id === problem.selection.candidate ? "answer" : null },
      el("th", { scope: "row" }, el("a", { href: "#", onclick: (event) => { event.preventDefault(); goTo(`${problem.scope}candidate-${one.id}`); } }, String(one.id)),
        one.id === problem.selection.candidate ? " answer" : ""),
      cells === undefined
        ? el("td", { colspan: String(Math.max(1, problem.tests.length)) }, "not run")
        : [...cells].map((letter, test) => el("td", {}, cellButton(letter, one.id, test, problem, legend, open))));
  });
  return [
    el("p", {}, Object.entries(legend).map(([letter, words]) => [el("span", { class: `cell ${KINDS[letter] || "error"}` }, letter === "." ? "" : letter), ` ${words}  `])),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Matrix" },
      el("table", { class: "matrix" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "candidate"), problem.tests.map((test, i) => el("th", { scope: "col", class: test.origin }, String(i))))),
        el("tbody", {}, rows))),
    place,
  ];
}

function cellButton(letter, candidate, test, problem, legend, open) {
  const words = `candidate ${candidate}, test ${test}: ${legend[letter]}`;
  return el("button", {
    type: "button", class: `cell ${KINDS[letter] || "error"}`, "aria-label": words, title: words, "aria-pressed": "false",
    onclick: (event) => open(candidate, test, event.currentTarget),
  }, letter === "." ? "" : letter);
}

function evidence(problem, candidate, number, legend) {
  const test = problem.tests[number];
  const found = (problem.evidence[candidate] || {})[number];
  const lines = found ? ["expected", "actual", "value", "exception", "message", "line"].filter((name) => name in found) : [];
  const source = problem.texts[problem.candidates[candidate].source].split("\n");
  return el("div", {},
    el("h4", {}, `Candidate ${candidate}, test ${number}: ${found ? found.status : "passed"}`),
    el("p", {}, `${test.origin === "docstring" ? "docstring example" : "generated test"}, ${test.form}${test.count > 1 ? `, written ${test.count} times` : ""}`),
    code(problem.texts[test.source]),
    lines.length ? el("dl", {}, lines.map((name) => [el("dt", {}, name), el("dd", {}, el("code", {}, String(found[name])))])) : null,
    found && found.line && source[found.line - 1] !== undefined ? code(`${found.line}: ${source[found.line - 1]}`) : null);
}
