"""Audit of a run: prove from its traces that no hidden test leaked into the loop.

The proof is a replay. The loop runs again on the public part of each problem, with the recorded
answers as the model and the recorded outcomes as the sandbox. Both refuse any input that the trace
does not hold. If the replay gives exactly the same trace, every prompt, visible test, feedback and
choice follows from public inputs alone. In addition, no line of a hidden test or of a reference
solution may appear in the prompts, unless a model wrote it or the problem shows it; and the run's
files of answers must hold the programs that the traces chose. A problem without a trace is reported
as a finding.

The audit does not prove that the recorded outcomes and verdicts are true (to check them, run the
loop again, or agent.score on samples.jsonl), nor that the model has never seen the benchmark (a
trace cannot show that).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.config import BudgetConfig, RunConfig
from agent.datasets import load
from agent.errors import ModelError, PromptTooLongError, RunFolderError
from agent.evaluation.hidden import load_hidden
from agent.loop.budget import BudgetMeter, Spending, ending
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.prompts import prompt_hashes
from agent.prompts.drafts import load_prompt
from agent.repair.patches.variant_screens import digest, screened
from agent.runner.folder import RunFolder
from agent.runner.outputs import samples_files
from agent.runner.resources import check_plugins, plugin_hashes
from agent.runner.resume import check_made_with
from agent.runner.versions import settings_of
from agent.types import CLOCKS, Call, Completion, Message, Problem, Sampling, Trace
from sandbox.types import (
    Execution,
    Job,
    Outcome,
    SandboxInfo,
    SandboxUnavailable,
    Screen,
    Screened,
)

_NOT_REPLAYED = CLOCKS | {"score"}
"""Fields of a trace that are not compared: verdicts, which come after the loop, and times."""
_SHORTEST_LINE = 12
"""Minimum characters of a hidden test's line; a shorter one may be in a prompt by chance."""


class TracedSandbox:
    """A sandbox that returns only the outcomes that a trace holds."""

    info = SandboxInfo(backend="trace", python="")

    def __init__(self, trace: Trace):
        tests = tuple(test.source for test in trace.tests)
        self._outcomes: dict[tuple[str, tuple[str, ...]], tuple[Outcome, ...]] = {
            (trace.candidates[row.candidate].source, tests): row.outcomes for row in trace.rows
        }
        for probe in trace.probes:
            self._outcomes[probe.program, probe.tests] = probe.outcomes
        self._screens = {record.digest: record for record in trace.screens}

    async def run(self, job: Job) -> Execution:
        """Return the recorded outcomes. Raises SandboxUnavailable if the trace lacks the job."""
        outcomes = self._outcomes.get((job.program, job.tests))
        if outcomes is None:
            raise SandboxUnavailable("the trace holds no such execution")
        return Execution(outcomes)

    async def screen(self, screen: Screen) -> Screened:
        """Return the recorded results. Raises SandboxUnavailable if the trace lacks the screen."""
        record = self._screens.get(digest(screen))
        if record is None:
            raise SandboxUnavailable("the trace holds no such screen")
        return screened(record, len(screen.tests))


class TracedModel:
    """A model that returns only the answers that a trace holds."""

    identity = "trace"

    def __init__(self, trace: Trace):
        self._answers: dict[tuple[tuple[Message, ...], Sampling], tuple[Completion, ...]] = {}
        for call in sorted(trace.calls, key=lambda call: call.first):
            request = call.messages, call.sampling
            known = self._answers.get(request, ())
            extended = known[: call.first] + call.completions
            self._answers[request] = max(known, extended, key=len)

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Return the recorded answers. Raises ModelError if the trace lacks the request.

        Raises PromptTooLongError if the trace holds the request without any answer.
        """
        known = self._answers.get((tuple(messages), sampling))
        if known == ():
            raise PromptTooLongError("the trace records that the prompt did not fit")
        found = list((known or ())[:n])
        if len(found) < n:
            beginning = " ".join(messages[-1].content.split())[:100]
            raise ModelError(f"the trace does not hold {n} answers to {beginning!r}")
        return found


class TracedMeter:
    """A budget meter for a replay: counts the samples, tokens and calls of one problem.

    A trace does not record the clock, nor the usage of other problems. If such a budget is set and
    the trace says that it ended the loop, the meter takes the trace's word.
    """

    def __init__(self, trace: Trace, settings: RunConfig):
        config = settings.budget
        alone = config.per == "problem"
        unknown = ("seconds",) if alone else (*Spending._fields, "seconds")
        endings = [ending(config, name) for name in unknown if getattr(config, name) is not None]
        self._claimed = trace.stopped if trace.stopped in endings else ""
        counted = config.model_copy(update={"seconds": None}) if alone else BudgetConfig()
        self._meter = BudgetMeter(counted)
        # The loop checks the budget after each drafting and each round, with or without calls.
        drafts = sum(call.purpose == "draft" for call in trace.calls)
        self._checks_left = trace.rounds + (drafts if settings.drafts_singly else 1)

    def begin(self, task_id: str) -> None:
        """Do nothing: a replay has no clock to start."""

    async def ending(self, task_id: str, calls: Sequence[Call], stopped: str) -> str:
        """Return `stopped`, or the stop reason if `calls` use up a budget, else "".

        At the last check, a stop reason that the trace claims is returned as well.
        """
        self._checks_left -= 1
        claimed = self._claimed if self._checks_left <= 0 else ""
        return await self._meter.ending(task_id, calls, stopped) or claimed


async def audit_trace(
    trace: Trace, problem: Problem | None, hidden: str, config: RunConfig, reference: str = ""
) -> list[str]:
    """Return the findings on one trace: none if all of it follows from public inputs.

    `hidden` is the source of the problem's hidden test, and `reference` its reference solution.
    Solutions of worked examples, which are of other functions, may share lines with the reference.
    """
    prompt = load_prompt(config.draft.prompt)
    shown = "\n".join(example.solution for example in prompt.examples if prompt.shows_examples)
    found = [
        f"a prompt has a line of the {name}: {line}"
        for name, source, known in (
            ("hidden test", hidden, ""),
            ("reference solution", reference, shown),
        )
        for line in hidden_lines_told(trace, source, known)
    ]
    if trace.problem != problem:
        return [*found, "its problem differs from the dataset's"]
    return found + await replay(trace, config)


async def replay(trace: Trace, config: RunConfig) -> list[str]:
    """Run the loop again on the trace's answers and outcomes, and return a line per difference."""
    context = LoopContext(
        model=TracedModel(trace),
        sandbox=TracedSandbox(trace),
        config=config,
        meter=TracedMeter(trace, config),
    )
    try:
        again = await run_graph(trace.problem, context)
    except (ModelError, SandboxUnavailable) as error:
        return [f"the replay needs data that the trace does not hold: {error}"]
    left_out = _NOT_REPLAYED
    if not again.inputs:  # no selector asks for them: earlier versions recorded them all the same
        left_out |= {"inputs"}
    return [
        f"{name}: differs in the replay"
        for name in Trace.model_fields
        if name not in left_out and getattr(again, name) != getattr(trace, name)
    ]


def hidden_lines_told(trace: Trace, hidden: str, shown: str = "") -> Iterator[str]:
    """Yield the hidden test's lines that are in prompts, except public and model-written ones.

    Lines of the examples that the prompts have `shown` are public, too.
    """
    prompts = "\n".join(m.content for call in trace.calls for m in call.messages)
    written = [c.text for call in trace.calls for c in call.completions]
    public = "\n".join([shown, trace.problem.prompt, *(t.source for t in trace.tests), *written])
    for line in dict.fromkeys(line.strip() for line in hidden.splitlines()):
        if len(line) >= _SHORTEST_LINE and line in prompts and line not in public:
            yield line


async def audit_run(path: Path) -> tuple[int, dict[str, list[str]]]:
    """Return the number of traces audited, and the findings per task or file.

    A clean run has no findings. Raises RunFolderError, ConfigError or DatasetError if the run or
    its dataset cannot be read, RunFolderError also if the run cannot be replayed: it was imported,
    has no trace yet, or was made with other templates or plug-ins.
    """
    folder = RunFolder.open(path)
    config = settings_of(folder)
    if "imported" in folder.manifest():
        raise RunFolderError(f"{path}: was imported, so it has no prompts to replay")
    check_plugins(config)
    check_made_with(folder, {"prompts": prompt_hashes(), "plugins": plugin_hashes(config)})
    problems = {problem.task_id: problem for problem in load(config.dataset).problems}
    hidden = load_hidden(config.dataset)
    found = {}
    traces = folder.traces()
    if not traces:
        raise RunFolderError(f"{path}: has no trace yet")
    for trace in traces:
        task = trace.problem.task_id
        sources = (hidden[task].source, hidden[task].reference) if task in hidden else ("", "")
        if wrong := await audit_trace(trace, problems.get(task), sources[0], config, sources[1]):
            found[task] = wrong
    audited = {trace.problem.task_id for trace in traces}
    unproved = [task for task in folder.task_ids() if task not in audited]
    found |= {task: ["has no trace"] for task in unproved}
    if folder.report() is not None:
        for name, text in samples_files(traces).items():
            if not (path / name).is_file() or (path / name).read_text("utf-8") != text:
                found[name] = ["does not hold the answers that the traces chose"]
    return len(traces), found
