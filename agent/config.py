"""Settings as plain records. A value comes from the caller or is the default.

Only the commands read settings from YAML files, the environment and the command line
(`agent.settings`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from agent.config_sections import ModelConfig, SandboxSection, Section
from agent.types import Sampling

__all__ = [
    "BudgetConfig",
    "DraftConfig",
    "InputsConfig",
    "ModelConfig",
    "PromptConfig",
    "RepairConfig",
    "RunConfig",
    "SandboxSection",
    "Section",
    "TestsConfig",
]


def _as_word(value: object) -> object:
    """Return the word for a truth value: YAML reads `on` and `off` as such."""
    return ("off", "on")[value] if isinstance(value, bool) else value


Switch = Annotated[Literal["on", "off"], BeforeValidator(_as_word)]
"""A setting that is `on` or `off`."""


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
    patch: Switch = "on"
    """Search for edits that make a failing program pass the docstring examples, without a model.

    No search is made without repair rounds. The strategy `patch` makes nothing else."""
    edits: Annotated[int, Field(ge=1, le=2)] = 2
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
        return self.rounds > 0 and (self.repair.patch == "on" or self.repair.strategy == "patch")

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
