"""The records that the steps of the loop exchange. All are frozen: a step returns new ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sandbox.types import Outcome


def writable(text: str) -> str:
    """Return the text with each lone surrogate, which JSON allows and UTF-8 does not, as `?`."""
    return text.encode("utf-8", "replace").decode()


Writable = Annotated[str, AfterValidator(writable)]


def normalised(name: str) -> str:
    """Return a name as Python reads it: in form NFKC, in which a ligature is two letters."""
    return unicodedata.normalize("NFKC", name)


PythonName = Annotated[str, AfterValidator(normalised)]


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Problem(Record):
    """The part of a task that the loop sees. By design, it has no field for hidden tests."""

    task_id: str
    prompt: str
    """Signature and docstring, with the imports and helpers that precede them."""
    entry_point: PythonName


class Message(Record):
    """One turn of a chat. If the last turn is the assistant's, the model continues it."""

    role: Literal["system", "user", "assistant"]
    content: Writable


Endpoint = Literal["chat", "completions"]
Isolation = Literal["split", "shared"]
"""The ways to keep a program and its tests apart: `sandbox.types.Job.isolation`."""


def _optional(default: Any) -> Any:
    """Return a field that is not written while it has its default, as before it existed."""
    return Field(default=default, exclude_if=lambda value: value == default)


class Sampling(Record):
    """Sampling parameters. All fields are part of the store's key, some only if they are set."""

    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 1024
    seed: int = 0
    """Sample `i` of a request is drawn with seed + i, if the backend supports it."""
    stop: tuple[str, ...] = ()
    top_k: int | None = _optional(None)
    """Number of most likely tokens to draw from; None for all."""
    min_p: float = _optional(0.0)
    presence_penalty: float = _optional(0.0)
    repetition_penalty: float = _optional(1.0)
    beams: int | None = _optional(None)
    """Width of a beam search, of which an answer is the best beam."""
    thinking: bool | None = _optional(None)
    """True to let the model think first, False not to; None if its chat template decides."""
    endpoint: Endpoint = _optional("chat")
    """`chat`, or `completions` if the messages are a text that the model continues."""


class Usage(Record):
    """Tokens of one completion, counted as if it were the only one of its request."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        """Tokens of prompt and answer together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class Completion(Record):
    """One answer of a model."""

    text: Writable
    reasoning: Writable = _optional("")
    """The thinking of the model, if the server returns it separately."""
    usage: Usage = Usage()
    finish_reason: str = "stop"
    """`length` if the answer was cut at the token limit."""
    mean_logprob: float | None = None
    """Mean log-probability of the answer's tokens, in nats, if the server returns it."""
    missing: str = _optional("")
    """Reason why the server gave no text, see `no_text`; empty if it gave some."""
    request: int | None = _optional(None)
    """Index of the first answer of its request, if one call took several requests, else None."""

    @property
    def no_text(self) -> str:
        """Reason why the answer has no text: `cut while thinking`, ...; empty if it has some.

        Records of former versions have only the finish reason and the thought to tell.
        """
        if self.missing or self.text.strip():
            return self.missing
        reason = reason_of_no_text(self.finish_reason, thought=bool(self.reasoning))
        return "" if reason == "empty" else reason


_CUT = frozenset({"length", "max_tokens", "model_length", "repetition"})
_FILTERED = ("content_filter", "safety", "refusal", "sensitive", "prohibited", "blocklist")


def reason_of_no_text(
    finish_reason: str, *, thought: bool = False, called: bool = False, refused: bool = False
) -> str:
    """Return the reason why an answer has no text.

    It has a `thought`, it `called` a tool, or the server `refused` it, as the response says.
    """
    ended = finish_reason.lower()
    if called or ended in ("tool_calls", "function_call", "tool_use"):
        return "tool call"
    if refused or any(word in ended for word in _FILTERED):
        return "filtered"
    return "cut while thinking" if thought or ended in _CUT else "empty"


def usage_of(answers: Sequence[Completion]) -> Usage:
    """Return the tokens of a call. A prompt counts once for all answers of one request."""
    prompts: dict[int | None, int] = {}
    for answer in answers:
        former = prompts.get(answer.request, 0)
        prompts[answer.request] = max(former, answer.usage.prompt_tokens)
    written = sum(answer.usage.completion_tokens for answer in answers)
    return Usage(prompt_tokens=sum(prompts.values()), completion_tokens=written)


_NODES = dict.fromkeys(("plan", "draft"), "draft") | {"select": "select"}
_NODES |= dict.fromkeys(("tests", "inputs"), "write_tests")
"""Steps by the purpose of a call of round 0."""


class Call(Record):
    """One call of the model, as sent, with its answers."""

    purpose: str
    """`plan`, `draft`, `tests`, `inputs`, `select` or the name of a repair strategy."""
    step: str = ""
    """The step of a strategy that makes several calls: `reflect`, `fix`, ..."""
    round: int
    candidate: int | None = None
    """The candidate that a repair's calls led to; None if they led to none, and for other calls."""
    reason: str = ""
    """Why a repair's calls led to no candidate; empty for other calls."""
    parent: int | None = None
    """The candidate that a repair works on; None for a fresh draw and for other calls."""
    messages: tuple[Message, ...]
    sampling: Sampling
    completions: tuple[Completion, ...]
    """Empty if the prompt did not fit the model's context: a call with a shorter prompt follows."""
    first: int = 0
    """Index of the first completion among all answers to this chat with this sampling."""

    @property
    def usage(self) -> Usage:
        """Tokens of the call."""
        return usage_of(self.completions)

    @property
    def node(self) -> str:
        """The step of the graph that made the call: `draft`, `write_tests`, `repair`, `select`."""
        return "repair" if self.round else _NODES.get(self.purpose, "repair")

    @property
    def requests(self) -> int:
        """Number of requests that the call took: one, unless the server gave too few answers."""
        return max(1, len({answer.request for answer in self.completions}))


class Patch(Record):
    """The edits that made a program from its parent, without a model."""

    kinds: tuple[str, ...]
    """Names of the operators, one per edit."""
    diff: str
    """The changed lines, between the normal forms of both programs."""
    weak: bool
    """Whether it rests on so few docstring examples that it is more likely wrong than right."""


class Candidate(Record):
    """A program in the pool of a problem."""

    id: int
    """Position in the pool: 0 is the first draft, the single-shot baseline."""
    parent: int | None = None
    round: int = 0
    origin: str = "draft"
    """`draft`, or the repair strategy that wrote it. A strategy's fresh draw has no parent."""
    source: str
    """A whole program, which runs without the prompt."""
    usage: Usage = Usage()
    finish_reason: str = "stop"
    mean_logprob: float | None = None
    patch: Patch | None = _optional(None)
    """The edits, if `origin` is `patch`."""

    @property
    def is_weak_patch(self) -> bool:
        """Whether it is a patch that rests on few docstring examples."""
        return self.patch is not None and self.patch.weak


class VisibleTest(Record):
    """A test that the loop may run."""

    source: str
    """Python statements, usually an `assert`, that call the entry point."""
    origin: Literal["docstring", "generated"]
    form: str
    """Notation of the example: `>>>`, `==`, `=>`, ...; `assert` for a generated test."""
    span: tuple[int, int] | None = None
    """Character offsets of the example in the prompt; None for generated tests."""
    count: int = 1
    """Number of times that the model wrote the test. CodeT weights the test by it."""


class Row(Record):
    """A row of the matrix: the outcome of every visible test on one candidate."""

    candidate: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Matrix:
    """Outcomes of candidates on visible tests: the only input of feedback and selection."""

    candidates: tuple[Candidate, ...]
    tests: tuple[VisibleTest, ...]
    rows: tuple[Row, ...]
    """One row per candidate, in the order of the candidates."""


class Suspect(Record):
    """A docstring example that is probably wrong, judged by the programs' values."""

    test: int
    """Position among the visible tests."""
    value: str
    """The value that the programs agree on instead, as a `repr`."""
    agreed: int
    """Number of candidates that return this value ..."""
    asked: int
    """... among those that pass every example that any candidate passes."""


class Probe(Record):
    """One execution outside the matrix: of a program that is not a candidate, or of mere calls.

    `outcomes` has one entry per test. The outcome of a bare expression holds its value.
    """

    program: str
    tests: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


class ScreenRecord(Record):
    """The results of one screen of a search for patches."""

    digest: str
    """SHA-256 of programs and tests, which the search makes again from the other records."""
    results: str
    """A word per program: `+` or `-` for each test, or `late` if it ran out of time."""

    @property
    def programs(self) -> int:
        """Number of programs."""
        return len(self.results.split())


class Choice(Record):
    """The candidate that a selector returned, with the reasons."""

    candidate: int
    selector: str
    reasons: tuple[str, ...]
    tied: tuple[int, ...] = ()
    """The candidates that the selector ranked equal to the chosen one, which is included."""

    def expected(self, passed: Sequence[bool]) -> float:
        """Return the share of correct candidates among those that are tied for the answer."""
        ties = self.tied or (self.candidate,)
        return sum(passed[candidate] for candidate in ties) / len(ties)


class SelfCheck(Record):
    """The hidden test's verdict on a problem's reference solution, made before any other."""

    isolation: Isolation = "split"
    """The isolation in which the problem's programs are judged."""
    has_reference: bool = False
    """Whether the dataset has a reference solution that was judged."""
    failure: str = ""
    """Reason why the reference solution fails; empty if it passes or there is none."""
    counted: bool = False
    """Whether failing programs count as failed even so."""

    def judges(self, *passed: bool) -> bool:
        """Whether these verdicts mean something: no program can pass where the reference fails.

        A program that passes is judged in any case.
        """
        return not self.failure or self.counted or all(passed)


class Score(Record):
    """Hidden-test verdicts of one problem, determined after the answer was frozen.

    `passed` has one entry per candidate of the pool.
    """

    passed: tuple[bool, ...]
    outcomes: tuple[str, ...]
    views: dict[str, tuple[bool, ...]] = Field(default_factory=dict)
    """Verdicts on parts of the hidden test: `base` without the tests that EvalPlus added, `unseen`
    without those that the prompt shows."""
    check: SelfCheck = SelfCheck()

    def judges(self, *candidates: int) -> bool:
        """Whether the verdicts on these candidates are known; on the whole pool without any."""
        passed = [self.passed[i] for i in candidates] if candidates else self.passed
        return self.check.judges(*passed)


CLOCKS = frozenset({"seconds", "patch_seconds", "timeline"})
"""Fields of a trace that depend on a clock: two runs may differ in them."""


class Timing(Record):
    """The wall time of a step of the graph, of the judge, or of a call of the model."""

    name: str
    """The step; `judge` for the hidden tests; `call`."""
    start: float
    """Its start, in seconds since 1970-01-01, UTC."""
    seconds: float
    call: int | None = _optional(None)
    """Position among the trace's calls; None for a step."""

    @property
    def end(self) -> float:
        """Its end, in seconds since 1970."""
        return self.start + self.seconds


class Trace(Record):
    """The complete record of one problem in one run."""

    problem: Problem
    candidates: tuple[Candidate, ...]
    tests: tuple[VisibleTest, ...]
    rows: tuple[Row, ...]
    calls: tuple[Call, ...]
    rounds: int
    """Number of repair rounds that ran."""
    stopped: str
    """Reason why the loop ended: `passed`, `rounds`, `nothing to repair`, `no visible test`,
    `suspect` if every failing test is a suspect, or the exhausted budget: `budget: tokens`,
    `budget of the run: seconds`. Imported rounds may have `not recorded`."""
    inputs: tuple[str, ...] = ()
    """Calls without expected values, edge inputs included, on which the selector compared
    candidates; empty if it did not ask for any."""
    suspects: tuple[Suspect, ...] = ()
    """Docstring examples that were demoted at the end of the loop."""
    contradicted: tuple[Suspect, ...] = _optional(())
    """Docstring examples against which no patch was made."""
    probes: tuple[Probe, ...] = ()
    """Executions outside the matrix."""
    screens: tuple[ScreenRecord, ...] = _optional(())
    """Screens of the variants among which patches were searched."""
    choice: Choice
    unpatched: Choice | None = _optional(None)
    """The choice without patches, if the pool has some and the selector asks no model."""
    executions: int
    """Number of programs that were run on visible tests, those of the probes included. Screened
    variants are not."""
    score: Score | None = None
    patch_seconds: float = _optional(0.0)
    """CPU time of the search for patches, in seconds ..."""
    seconds: float = 0.0
    """... and wall time of the loop on this problem."""
    timeline: tuple[Timing, ...] = _optional(())
    """Wall time of each step in order, and of each call after them. Former versions have none."""

    @property
    def is_judged(self) -> bool:
        """Whether the verdicts on the single shot and on the answer are known."""
        return self.score is not None and self.score.judges(0, self.choice.candidate)

    @property
    def step_seconds(self) -> dict[str, float]:
        """Wall time of all passes through each step, in seconds, and of `judge`."""
        steps = [timing for timing in self.timeline if timing.call is None]
        names = dict.fromkeys(step.name for step in steps)
        return {name: sum(step.seconds for step in steps if step.name == name) for name in names}

    @property
    def greedy_drafts(self) -> int:
        """Number of drafts that are not sampled: 1 if the first one is greedy, else 0."""
        return int(any(c.purpose == "draft" and not c.sampling.temperature for c in self.calls))

    @property
    def variants(self) -> int:
        """Number of edited programs that were screened in the search for patches."""
        return sum(screen.programs for screen in self.screens)

    @property
    def usage(self) -> Usage:
        """Tokens of all calls."""
        return sum((call.usage for call in self.calls), Usage())

    @property
    def chosen(self) -> Candidate:
        """The candidate that is the answer."""
        return self.candidates[self.choice.candidate]

    @property
    def answer(self) -> str:
        """The chosen program."""
        return self.chosen.source

    def written(self, candidate: int) -> tuple[Call, Completion] | None:
        """Return the model's answer that a candidate was read from, and its call, if known."""
        led = [call for call in self.calls if call.candidate == candidate and call.completions]
        if led:
            return led[-1], led[-1].completions[-1]
        answers = [(c, one) for c in self.calls if c.purpose == "draft" for one in c.completions]
        ids = [one.id for one in self.candidates if one.origin == "draft" and not one.round]
        return dict(zip(ids, answers, strict=False)).get(candidate)


class Unjudged(Record):
    """A problem with failing programs about which the hidden tests say nothing.

    The dataset's own reference solution fails, too. It counts neither as passed nor as failed.
    """

    task_id: str
    reason: str
    """Reason why the reference solution fails."""
