// Lists of problems: their columns and filters, which problems are shown, and in which order.
const PROBLEMS = { caption: "Problems", filters: {
  all: () => true,
  solved: (one) => one.final === "passed",
  lost: (one) => one.loss !== "",
  "gained by the loop": (one) => one.final === "passed" && one.single !== "passed",
  "lost by the loop": (one) => one.single === "passed" && one.final !== "passed",
  "answered by a patch": (one) => one.patch !== "",
  unjudged: (one) => one.final === "unjudged",
}, columns: [
  ["problem", (one) => one.id],
  ["name", (one) => one.entry],
  ["single shot", (one) => one.single],
  ["answer", (one) => one.final],
  ["reason of loss", (one) => one.loss],
  ["by", (one) => one.patch || (one.round ? `round ${one.round}` : "draft")],
  ["examples", (one) => one.examples],
  ["generated", (one) => one.generated],
  ["rounds", (one) => one.rounds],
  ["candidates", (one) => one.candidates],
  ["stopped", (one) => one.stopped],
  ["tokens", (one) => one.tokens],
] };

const PAIRS = { caption: "Problems of both runs", filters: {
  all: () => true,
  "gained and lost": (one) => one.change !== "",
  gained: (one) => one.change === "gained",
  lost: (one) => one.change === "lost",
  "solved by both": (one) => one.first === "passed" && one.second === "passed",
  "solved by neither": (one) => one.first !== "passed" && one.second !== "passed",
}, columns: [
  ["problem", (one) => one.id],
  ["name", (one) => one.entry],
  ["change", (one) => one.change],
  ["first answer", (one) => one.first],
  ["second answer", (one) => one.second],
  ["first by", (one) => one.firstBy],
  ["second by", (one) => one.secondBy],
  ["first tokens", (one) => one.firstTokens],
  ["second tokens", (one) => one.secondTokens],
] };

function textOf(one, list) {
  const cells = list.columns.map(([, key]) => key(one));
  return cells.filter((cell) => typeof cell === "string").join(" ").toLowerCase();
}

function chosen(problems, view, list) {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = problems
    .map((one, index) => [one, index])
    .filter(([one]) => list.filters[view.filter](one) && (!view.loss || one.loss === view.loss))
    .filter(([one]) => words.every((word) => textOf(one, list).includes(word)));
  if (view.column !== null) {
    const key = list.columns[view.column][1];
    const order = new Intl.Collator("en", { numeric: true });
    shown.sort(([a, i], [b, j]) => (view.down ? -1 : 1) * order.compare(key(a), key(b)) || i - j);
  }
  return shown.map(([, index]) => index);
}
