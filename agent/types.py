"""The records that move through the loop. All are frozen: a step returns new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sandbox.types import Outcome


def writable(text: str) -> str:
    """Half a surrogate pair, which JSON may hold and UTF-8 may not, becomes `?`."""
    return text.encode("utf-8", "replace").decode()


Writable = Annotated[str, AfterValidator(writable)]


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Record):
    """What the loop may know of a task. There is no field for a hidden test, by design."""

    task_id: str
    prompt: str
    """Signature and docstring, with whatever stands before them."""
    entry_point: str


class Message(Record):
    """One turn of a chat. An assistant's turn at the end is the beginning of the answer."""

    role: Literal["system", "user", "assistant"]
    content: Writable


Endpoint = Literal["chat", "completions"]


def _absent(value: object) -> bool:
    return value is None


def _is_chat(value: object) -> bool:
    return value == "chat"


def _empty(value: object) -> bool:
    return value == ""


class Sampling(Record):
    """How to sample. Every field is part of the store's key; some only where they are used."""

    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 1024
    seed: int = 0
    """Sample `i` of a request is drawn with seed + i, where the backend can."""
    stop: tuple[str, ...] = ()
    top_k: int | None = Field(default=None, exclude_if=_absent)
    """Tokens to draw from; None for all."""
    thinking: bool | None = Field(default=None, exclude_if=_absent)
    """Whether the model is to think first; None leaves it to its chat template."""
    endpoint: Endpoint = Field(default="chat", exclude_if=_is_chat)
    """Whether the messages are a chat, or a text that the model continues."""


class Usage(Record):
    """Tokens of one completion, as if it had been asked for alone."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        """Prompt and answer together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class Completion(Record):
    """One answer of a model."""

    text: Writable
    reasoning: Writable = Field(default="", exclude_if=_empty)
    """What a thinking model said to itself, where the server tells it apart."""
    usage: Usage = Usage()
    finish_reason: str = "stop"
    """`length` means that the answer was cut."""
    mean_logprob: float | None = None
    """Mean log-probability of the answer's tokens, in nats, where the server gives it."""


def usage_of(answers: Sequence[Completion]) -> Usage:
    """Tokens of a request: the prompt counts once, however many answers it got."""
    prompt = max((answer.usage.prompt_tokens for answer in answers), default=0)
    written = sum(answer.usage.completion_tokens for answer in answers)
    return Usage(prompt_tokens=prompt, completion_tokens=written)


class Call(Record):
    """One request to the model, as sent, with its answers."""

    purpose: str
    """`draft`, `tests`, `inputs`, `select` or the name of a repair strategy."""
    step: str = ""
    """Which of a strategy's calls it is, where it takes several: `reflect`, `fix`, ..."""
    round: int
    candidate: int | None = None
    """The candidate that a repair's calls led to; None where none came, and for all others."""
    parent: int | None = None
    """The candidate that a repair works on; None for a fresh draw and all other calls."""
    messages: tuple[Message, ...]
    sampling: Sampling
    completions: tuple[Completion, ...]
    """None where the prompt did not fit the model's context: a shorter one follows."""
    first: int = 0
    """Index of the first of them among all answers to these messages."""

    @property
    def usage(self) -> Usage:
        """Tokens of the request."""
        return usage_of(self.completions)


class Candidate(Record):
    """One program."""

    id: int
    """Position in the pool: 0 is the first draft, the single-shot baseline."""
    parent: int | None = None
    round: int = 0
    origin: str = "draft"
    """`draft`, or the repair strategy that wrote it; a fresh draw of one has no parent."""
    source: str
    """A whole program: it runs as it stands."""
    usage: Usage = Usage()
    finish_reason: str = "stop"
    mean_logprob: float | None = None


class VisibleTest(Record):
    """A test that the loop may run."""

    source: str
    """Python statements, an `assert` as a rule, that call the entry point."""
    origin: Literal["docstring", "generated"]
    form: str
    """How it was written: `>>>`, `==`, `=>`, ... or `assert` for a generated one."""
    span: tuple[int, int] | None = None
    """Where in the prompt it stands, as character offsets; None for generated tests."""
    count: int = 1
    """How often it was written: CodeT counts a test as often as the model wrote it."""


class Row(Record):
    """One line of the matrix: what every visible test said of one candidate."""

    candidate: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Matrix:
    """Candidates against visible tests: all that feedback and selection may read."""

    candidates: tuple[Candidate, ...]
    tests: tuple[VisibleTest, ...]
    rows: tuple[Row, ...]
    """One a candidate, in their order."""


class Suspect(Record):
    """A docstring example that the programs give reason to doubt."""

    test: int
    """Position among the visible tests."""
    value: str
    """What the programs agree on instead, as a `repr`."""
    agreed: int
    """Candidates that give this value ..."""
    asked: int
    """... of those that pass every example that any candidate passes."""


class Probe(Record):
    """One execution beside the matrix: a program that is no candidate, or calls that are no test.

    `outcomes` has one entry a test; a test that is a bare expression tells its value.
    """

    program: str
    tests: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


class Choice(Record):
    """Which candidate a selector returned, and why."""

    candidate: int
    selector: str
    reasons: tuple[str, ...]
    tied: tuple[int, ...] = ()
    """The candidates that the selector could not tell from the chosen one, itself among them."""

    def expected(self, passed: Sequence[bool]) -> float:
        """Share of the right ones among the candidates that are tied for the answer."""
        ties = self.tied or (self.candidate,)
        return sum(passed[candidate] for candidate in ties) / len(ties)


class Score(Record):
    """Hidden-test verdicts of one problem, made after the answer was frozen.

    `passed` has one entry a candidate of the pool.
    """

    passed: tuple[bool, ...]
    outcomes: tuple[str, ...]


class Trace(Record):
    """Everything about one problem in one run."""

    problem: Problem
    candidates: tuple[Candidate, ...]
    tests: tuple[VisibleTest, ...]
    rows: tuple[Row, ...]
    calls: tuple[Call, ...]
    rounds: int
    """Repair rounds that were used."""
    stopped: str
    """Why the loop ended: `passed`, `rounds`, `nothing to repair`, `no visible test`, `suspect`,
    where all that fails is suspect, or which budget was used up: `budget: tokens`,
    `budget of the run: seconds`. Imported rounds may say `not recorded`."""
    inputs: tuple[str, ...] = ()
    """Calls of the entry point, without values, that selection may compare candidates on."""
    suspects: tuple[Suspect, ...] = ()
    """Docstring examples that were demoted in the end."""
    probes: tuple[Probe, ...] = ()
    """What was run beside the matrix."""
    choice: Choice
    executions: int
    """Programs that were run on visible tests, those of the probes included."""
    score: Score | None = None
    seconds: float = 0.0
    """Wall time of the loop on this problem; no other field depends on the clock."""

    @property
    def answer(self) -> str:
        """The program that was chosen."""
        return self.candidates[self.choice.candidate].source


class Rate(Record):
    """`passed` of `total` problems, with the Wilson 95 % interval as fractions."""

    passed: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """pass@1 as a fraction; 0 where nothing was scored."""
        return self.passed / self.total if self.total else 0.0


class Difference(Record):
    """Two results on the same problems, paired."""

    value: float
    """Second rate less first, as a fraction."""
    low: float
    high: float
    """95 % interval of the difference, paired bootstrap over problems."""
    gained: int
    """Problems that only the second solves."""
    lost: int
    """Problems that only the first solves."""
    p: float
    """Exact McNemar test, two-sided."""


class Unscored(Record):
    """A problem that the machinery failed on. It counts neither as passed nor as failed."""

    task_id: str
    error: str


class Report(Record):
    """The figures of one run: what `summary.json` holds."""

    dataset: str
    model: str
    sandbox: str
    single_shot: Rate
    final: Rate
    oracle: Rate
    """Problems where any candidate of the pool passes the hidden tests."""
    difference: Difference
    """The final answer against the single shot."""
    expected: float
    """pass@1 of a draw among the candidates that the selector left tied, as a fraction."""
    solved_by_round: tuple[int, ...]
    """Final answers that pass, by the round that wrote them; entry 0 is the drafts."""
    drafts: int
    """Programs of round 0."""
    usage: Usage
    calls: int
    """Model requests that the traces hold, whether the model or the store answered."""
    completions: int
    executions: int
    """Programs run on visible tests."""
    stopped: dict[str, int]
    """How many loops ended for which reason."""
    seconds: float
    """Wall time of all starts of the run."""
    starts: tuple[float, ...] = ()
    """Wall time of each start."""
    asked: int = 0
    """Answers that the model itself gave, in all starts; the store gave the others ..."""
    spent: Usage = Usage()
    """... and their tokens."""
    unscored: tuple[Unscored, ...] = ()
