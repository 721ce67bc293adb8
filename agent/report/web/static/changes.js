// A program beside its parent: lines that are equal, changed, deleted or added.
const SIDES = { equal: ["", ""], replace: ["gone", "new"], delete: ["gone", ""], insert: ["", "new"] };

function sideBySide(problem, candidate) {
  const parent = problem.candidates[candidate.parent];
  const [before, after] = [parent, candidate].map((one) => problem.texts[one.source].split("\n"));
  const side = (kind, line, number, present) => [
    el("td", { class: "number" }, present ? String(number + 1) : ""),
    el("td", { class: present ? kind : "none" }, present && kind ? el("span", { class: "said" }, kind === "gone" ? "− " : "+ ") : null, present ? line : ""),
  ];
  const rows = candidate.diff.flatMap(([tag, a, b, c, d]) =>
    Array.from({ length: Math.max(b - a, d - c) }, (_, i) =>
      el("tr", {}, side(SIDES[tag][0], before[a + i], a + i, a + i < b), side(SIDES[tag][1], after[c + i], c + i, c + i < d))));
  if (candidate.diff.every(([tag]) => tag === "equal")) return el("p", {}, `the same program as candidate ${parent.id}`);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Changes from candidate ${parent.id} to ${candidate.id}` },
    el("table", { class: "diff" },
      el("colgroup", {}, ["number", "text", "number", "text"].map((kind) => el("col", { class: kind }))),
      el("thead", {}, el("tr", {}, el("th", { scope: "col", colspan: "2" }, `candidate ${parent.id}`), el("th", { scope: "col", colspan: "2" }, `candidate ${candidate.id}`))),
      el("tbody", {}, rows)));
}
