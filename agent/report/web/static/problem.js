// The page of one problem, in the order in which things happened; the verdict is the last.
function goTo(id) {
  const node = document.getElementById(id);
  if (!node) return;
  if (node.tagName === "DETAILS") node.open = true;
  node.scrollIntoView({ block: "start" });
  (node.querySelector("summary") || node).focus();
}

function movesTo(moves) {
  return el("nav", { class: "moves", "aria-label": "Problems" },
    el("a", { href: "#" }, "all problems (u)"),
    moves.previous ? el("a", { href: `#${moves.previous}`, rel: "prev" }, "previous (k)") : null,
    moves.next ? el("a", { href: `#${moves.next}`, rel: "next" }, "next (j)") : null);
}

function part(problem, title, name, ...children) {
  const id = problem.scope + name; // two problems may stand side by side
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h3", { id: `${id}-title`, tabindex: "-1" }, title), children);
}

function problemPage(run, problem, moves, scope = "") {
  problem.scope = scope;
  return [
    el("p", { class: "lead" }, `The loop ended after ${count(problem.verdict.rounds, "round")} of repair: ${problem.verdict.stopped}.`),
    el("p", {}, ["prompt", "candidates", "matrix", "repairs", "selection", "verdict"].map((id) => [el("a", { href: "#", onclick: (event) => { event.preventDefault(); goTo(`${scope}${id}-title`); } }, id), " "])),
    part(problem, "Prompt", "prompt", promptPicture(problem), problem.tests.length ? el("p", {}, "Marked: the docstring's examples, with the numbers of their tests.") : null),
    part(problem, "Candidates", "candidates", tree(problem)),
    part(problem, "Matrix", "matrix", problem.tests.length ? matrixPicture(problem, run.legend) : el("p", {}, "There is no visible test.")),
    part(problem, "Repairs and patches", "repairs", repairs(problem)),
    part(problem, "Selection", "selection", selection(problem)),
    part(problem, "Requests", "requests", requests(problem)),
    part(problem, "Verdict of the hidden tests", "verdict", verdictTable(problem, moves.line)),
  ];
}

function promptPicture(problem) {
  return el("pre", { class: "prompt", tabindex: "0" }, problem.prompt.map((piece) =>
    piece.tests ? el("mark", {}, piece.text, el("sup", {}, ` ${piece.tests.join(",")}`)) : piece.text));
}

function label(one) {
  if (one.kinds) return `${one.weak ? "weak patch" : "patch"}: ${one.kinds.join(" and ")}`;
  return one.origin === "draft" ? "draft" : `round ${one.round}, ${one.origin}`;
}

function passedOf(problem, one) {
  const cells = problem.rows[one.id];
  return cells === undefined ? "not run" : `${[...cells].filter((letter) => letter === ".").length} of ${cells.length} tests`;
}

function tree(problem) {
  const children = (parent) => problem.candidates.filter((one) => one.parent === parent);
  const node = (one) => el("li", {},
    details([el("strong", {}, `${one.id}`), ` ${label(one)}, ${passedOf(problem, one)}, ${one.tokens} tokens`, one.finish === "stop" ? "" : `, finish: ${one.finish}`,
      one.id === problem.selection.candidate ? el("strong", {}, " – the answer") : ""], () => code(problem.texts[one.source] || "(no program)"), { id: `${problem.scope}candidate-${one.id}` }),
    children(one.id).length ? el("ul", {}, children(one.id).map(node)) : null);
  return el("ul", { class: "tree" }, children(null).map(node));
}

function repairs(problem) {
  const made = problem.candidates.filter((one) => one.parent !== null || one.round > 0);
  const idle = problem.calls.filter((call) => call.round > 0 && call.candidate === null && call.reason);
  if (!made.length && !idle.length) return el("p", {}, "None.");
  return [
    made.map((one) => el("article", {},
      el("h4", {}, `Candidate ${one.id}${one.parent === null ? "" : ` from ${one.parent}`}: ${label(one)}`),
      problem.calls.filter((call) => call.candidate === one.id).map((call) => details(`told: ${call.purpose}${call.step ? `, ${call.step}` : ""}`, () => exchange(problem, call))),
      one.diff ? sideBySide(problem, one) : code(problem.texts[one.source]))),
    idle.map((call) => el("p", {}, `Round ${call.round}, candidate ${call.parent} unchanged: ${call.reason}`)),
  ];
}

function exchange(problem, call) {
  return [
    call.messages.map(([role, text]) => [el("h5", {}, role), code(problem.texts[text])]),
    call.answers.map((answer, i) => [
      el("h5", {}, `answer${call.answers.length > 1 ? ` ${i + 1}` : ""}, ${answer.tokens} tokens${answer.finish === "stop" ? "" : `, finish: ${answer.finish}`}`),
      answer.reasoning === undefined ? null : details("thought", () => code(problem.texts[answer.reasoning])),
      code(problem.texts[answer.text] || "(empty)"),
    ]),
  ].flat(3);
}

function requests(problem) {
  const others = problem.calls.filter((call) => call.candidate === null);
  if (!others.length) return el("p", {}, "None.");
  return others.map((call) => details(`${call.purpose}${call.step ? `, ${call.step}` : ""}: ${count(call.answers.length, "answer")}`, () => exchange(problem, call)));
}

function selection(problem) {
  const choice = problem.selection;
  return [
    el("p", {}, `${choice.selector} chose candidate ${choice.candidate}${choice.tied.length > 1 ? `, which comes first of ${choice.tied.length} that are tied: ${choice.tied.join(", ")}` : ""}.`),
    choice.reasons.length ? el("ol", {}, choice.reasons.map((reason) => el("li", {}, reason))) : null,
    choice.unpatched === null ? null : el("p", {}, `Without patches: candidate ${choice.unpatched}.`),
    [...choice.suspects, ...choice.contradicted].map((text) => el("p", { class: "warning" }, text)),
    choice.inputs.length ? details(`${count(choice.inputs.length, "input")} on which candidates were compared`, () => code(choice.inputs.join("\n"))) : null,
  ];
}

function verdictTable(problem, line) {
  const found = problem.verdict;
  const cost = [
    ["requests", whole(found.calls)], ["prompt tokens", whole(found.prompt_tokens)], ["answer tokens", whole(found.completion_tokens)],
    ["executions", whole(found.executions)], ["variants screened for patches", whole(found.variants)], ["CPU seconds of that", String(found.patch_seconds)],
    ["wall seconds", String(found.seconds)], ...Object.entries(found.steps).map(([name, value]) => [`seconds in ${name}`, String(value)]),
  ];
  return [
    el("p", { class: "lead" }, "Single shot ", verdict(found.single), ", answer ", verdict(found.final), line && line.loss ? `. Lost by: ${line.loss}.` : ".", " The loop saw nothing of this."),
    found.unjudged ? el("p", { class: "warning" }, `The dataset's own solution fails, too: ${found.unjudged}`) : null,
    table(["candidate", "made by", "hidden tests"], problem.candidates.map((one) => [String(one.id), label(one), verdict(one.hidden)]), { caption: `Isolation: ${found.isolation || "not scored yet"}` }),
    details("Cost", () => table(["cost", "value"], cost)),
  ];
}
