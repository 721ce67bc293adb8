"""The proof, from the traces of a run, that nothing hidden leaked into the loop.

The proof is a replay. The loop runs again on each problem's public part, with the recorded answers
for a model and the recorded outcomes for a sandbox, both of which refuse any input that the trace
does not hold. Where that gives the trace again, to the letter, every prompt, visible test, feedback
and choice follows from public inputs alone. Beside that, no line of a hidden test may stand in what
the model was told, unless a model wrote it or the problem shows it; and the run's files of answers
hold what the traces chose. A problem without a trace is said to be unproved.

What it does not prove: that the recorded outcomes and verdicts are true (run the loop again, or
agent.score on its samples.jsonl), and that a model has never seen the benchmark (no trace can
tell).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.config import BudgetConfig, RunConfig
from agent.datasets import load
from agent.errors import ModelError, PromptTooLongError, RunFolderError
from agent.evaluation.hidden import load_hidden
from agent.loop.budget import BudgetMeter, ending
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.prompts import prompt_hashes
from agent.runner.folder import RunFolder
from agent.runner.outputs import samples_files
from agent.runner.resources import check_plugins, plugin_hashes
from agent.runner.resume import made_with_same
from agent.runner.versions import settings_of
from agent.types import Call, Completion, Message, Problem, Sampling, Trace
from sandbox.types import Execution, Job, Outcome, SandboxInfo, SandboxUnavailable

_NOT_REPLAYED = frozenset({"score", "seconds"})
"""What is no part of the loop: verdicts made after it, and the clock."""
_SHORTEST_LINE = 12
"""Characters from which on a line of a hidden test is telling."""


class TracedSandbox:
    """Answers from a trace's matrix, and from nothing else."""

    info = SandboxInfo(backend="trace", python="")

    def __init__(self, trace: Trace):
        tests = tuple(test.source for test in trace.tests)
        self._outcomes: dict[tuple[str, tuple[str, ...]], tuple[Outcome, ...]] = {
            (trace.candidates[row.candidate].source, tests): row.outcomes for row in trace.rows
        }
        for probe in trace.probes:
            self._outcomes[probe.program, probe.tests] = probe.outcomes

    async def run(self, job: Job) -> Execution:
        """The recorded outcomes. Raises SandboxUnavailable for a job that the trace lacks."""
        outcomes = self._outcomes.get((job.program, job.tests))
        if outcomes is None:
            raise SandboxUnavailable("the trace holds no such execution")
        return Execution(outcomes)


class TracedModel:
    """Answers from a trace's requests, and from nothing else."""

    identity = "trace"

    def __init__(self, trace: Trace):
        self._answers: dict[tuple[tuple[Message, ...], Sampling], tuple[Completion, ...]] = {}
        for call in sorted(trace.calls, key=lambda call: call.first):
            asked = call.messages, call.sampling
            known = self._answers.get(asked, ())
            told = known[: call.first] + call.completions
            self._answers[asked] = max(known, told, key=len)

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """The recorded answers. Raises ModelError for a request that the trace lacks."""
        known = self._answers.get((tuple(messages), sampling))
        if known == ():
            raise PromptTooLongError("so the trace says")
        found = list((known or ())[:n])
        if len(found) < n:
            beginning = " ".join(messages[-1].content.split())[:100]
            raise ModelError(f"the trace does not hold {n} answers to {beginning!r}")
        return found


class TracedMeter:
    """Counts what a problem may use of tokens and calls.

    Clocks, and what other problems spent, no trace can tell: of such a budget, where there is one,
    the trace is believed that it was used up when the loop ended.
    """

    def __init__(self, trace: Trace, config: BudgetConfig):
        alone = config.per == "problem"
        names = ("seconds",) if alone else ("tokens", "calls", "seconds")
        untold = [ending(config, name) for name in names if getattr(config, name) is not None]
        self._told = trace.stopped if trace.stopped in untold else ""
        counted = config.model_copy(update={"seconds": None}) if alone else BudgetConfig()
        self._meter = BudgetMeter(counted)
        # The loop looks once a draft and once a round; a round may make no call at all.
        self._looks = trace.rounds + sum(call.purpose == "draft" for call in trace.calls)

    def begin(self, task_id: str) -> None:
        """Nothing to start."""

    def spent(self, task_id: str, calls: Sequence[Call]) -> str:
        """What the calls have used up; at the last look, what the trace says too."""
        self._looks -= 1
        told = self._told if self._looks <= 0 else ""
        return self._meter.spent(task_id, calls) or told


async def audit_trace(
    trace: Trace, problem: Problem | None, hidden: str, config: RunConfig
) -> list[str]:
    """What is wrong with one trace; nothing, where all of it follows from public inputs."""
    found = [f"a hidden line was told: {line}" for line in hidden_lines_told(trace, hidden)]
    if trace.problem != problem:
        return [*found, "its problem is not the dataset's"]
    return found + await replay(trace, config)


async def replay(trace: Trace, config: RunConfig) -> list[str]:
    """Run the loop again on what the trace holds, and name what comes out otherwise."""
    context = LoopContext(
        model=TracedModel(trace),
        sandbox=TracedSandbox(trace),
        config=config,
        meter=TracedMeter(trace, config.budget),
    )
    try:
        again = await run_graph(trace.problem, context)
    except (ModelError, SandboxUnavailable) as error:
        return [f"the loop asks for what the trace does not hold: {error}"]
    replayed = [name for name in Trace.model_fields if name not in _NOT_REPLAYED]
    return [
        f"{name}: a replay gives another"
        for name in replayed
        if getattr(again, name) != getattr(trace, name)
    ]


def hidden_lines_told(trace: Trace, hidden: str) -> Iterator[str]:
    """Lines of the hidden test in the model's prompts, but for what is public or a model's own."""
    told = "\n".join(m.content for call in trace.calls for m in call.messages)
    own = [c.text for call in trace.calls for c in call.completions]
    public = "\n".join([trace.problem.prompt, *(t.source for t in trace.tests), *own])
    for line in dict.fromkeys(line.strip() for line in hidden.splitlines()):
        if len(line) >= _SHORTEST_LINE and line in told and line not in public:
            yield line


async def audit_run(path: Path) -> tuple[int, dict[str, list[str]]]:
    """How many traces were audited, and what is wrong, by task or file: nothing in a clean run.

    Raises RunFolderError, ConfigError or DatasetError where the run or its dataset cannot be read.
    """
    folder = RunFolder.open(path)
    config = settings_of(folder)
    if "imported" in folder.manifest():
        raise RunFolderError(f"{path}: was imported; it holds no prompts that a replay could prove")
    if folder.manifest().get("prompts") != prompt_hashes():
        raise RunFolderError(f"{path}: was made with other templates; audit it at its own commit")
    check_plugins(config)
    made_with_same(folder, {"plugins": plugin_hashes(config)})
    problems = {problem.task_id: problem for problem in load(config.dataset).problems}
    hidden = load_hidden(config.dataset)
    found = {}
    traces = folder.traces()
    if not traces:
        raise RunFolderError(f"{path}: holds no trace yet")
    for trace in traces:
        task = trace.problem.task_id
        source = hidden[task].source if task in hidden else ""
        if wrong := await audit_trace(trace, problems.get(task), source, config):
            found[task] = wrong
    audited = {trace.problem.task_id for trace in traces}
    unproved = [task for task in folder.task_ids() if task not in audited]
    found |= {task: ["has no trace"] for task in unproved}
    if folder.report() is not None:
        for name, text in samples_files(traces).items():
            if not (path / name).is_file() or (path / name).read_text("utf-8") != text:
                found[name] = ["does not hold what the traces chose"]
    return len(traces), found
