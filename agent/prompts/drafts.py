"""The prompts for drafts: a template each, chosen by its name or given as a file.

A template has a block for each turn: `system`, `plan`, `user`, and `assistant`, which begins the
model's answer if the client may. A template without blocks is the user's turn. With a `plan`, the
model first writes a plan, and then, in a second request, the program.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc
from pathlib import Path

from jinja2 import Template, TemplateError, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from agent.config import ModelConfig, PromptConfig
from agent.errors import ConfigError
from agent.parsing.source import find_function
from agent.prompts import FOLDER, environment, prefilled_program
from agent.prompts.worked_examples import WorkedExample, check_unknown, read_examples
from agent.types import Message, Problem

DRAFTS = FOLDER / "draft"
EXAMPLES = DRAFTS / "examples.jsonl"
_TRIED = Problem(task_id="", prompt='def f(x):\n    """Return x."""\n', entry_point="f")


@dataclass(frozen=True)
class DraftPrompt:
    """A loaded prompt: its template and examples."""

    settings: PromptConfig
    template: Template
    examples: tuple[WorkedExample, ...]
    shows_examples: bool
    hashes: dict[str, str]
    """SHA-256 of each file that the user gives, by its path."""

    @property
    def is_bare(self) -> bool:
        """Whether a base model gets nothing but the problem's own text."""
        return not self.settings.template and self.settings.name in ("function", "completion")

    @property
    def is_planned(self) -> bool:
        """Whether the model writes a plan before the program."""
        return "plan" in self.template.blocks

    def text(self, turn: str, problem: Problem) -> str | None:
        """Return the text of a turn; None if the template does not have it."""
        values = {"problem": problem, "examples": self.examples, **_parts(problem)}
        if not self.template.blocks:
            return self.template.render(values).strip("\n") if turn == "user" else None
        block = self.template.blocks.get(turn)
        found = None if block is None else "".join(block(self.template.new_context(values)))
        return None if found is None else found.strip("\n")

    def first_turns(self, turn: str, problem: Problem, model: ModelConfig) -> tuple[Message, ...]:
        """Return the system message, if any, and the first turn of the user."""
        own = self.settings.system
        system = self.text("system", problem) if own is None else own
        is_told = bool(system) and model.endpoint == "chat"
        head = (Message(role="system", content=system or ""),) if is_told else ()
        return (*head, Message(role="user", content=self.text(turn, problem) or ""))


def _parts(problem: Problem) -> dict[str, str]:
    """Return the problem's snippet, up to the function's header, and its docstring."""
    function = find_function(problem.prompt, problem.entry_point)
    if function is None or function.docstring is None:
        return {"snippet": problem.prompt.rstrip(), "docstring": ""}
    text = problem.prompt[function.docstring.start : function.docstring.end]
    return {"snippet": problem.prompt[: function.header], "docstring": cleandoc(text)}


def messages_for_plan(
    problem: Problem, model: ModelConfig, prompt: PromptConfig
) -> tuple[Message, ...]:
    """Return the prompt for a plan; () if the prompt asks for the program at once."""
    loaded = load_prompt(prompt)
    return loaded.first_turns("plan", problem, model) if loaded.is_planned else ()


def messages_for_draft(
    problem: Problem,
    model: ModelConfig,
    prompt: PromptConfig = PromptConfig(),  # noqa: B008 - frozen
    plan: str | None = None,
) -> tuple[Message, ...]:
    """Return the prompt for a first program, after the `plan` if the prompt asks for one."""
    loaded = load_prompt(prompt)
    if model.endpoint == "completions" and loaded.is_bare:
        return (Message(role="assistant", content=problem.prompt.rstrip()),)
    turns = loaded.first_turns("user" if plan is None else "plan", problem, model)
    if plan is not None:
        planned = Message(role="assistant", content=plan)
        asked = Message(role="user", content=loaded.text("user", problem) or "")
        turns = (*turns, planned, asked)
    opening = loaded.text("assistant", problem)
    if opening is None:
        return prefilled_program(turns, problem, model)
    return (*turns, Message(role="assistant", content=opening)) if model.begins else turns


def prompt_names() -> list[str]:
    """Return the names of the prompts."""
    return sorted(path.stem for path in DRAFTS.glob("*.j2"))


@cache
def load_prompt(settings: PromptConfig) -> DraftPrompt:
    """Return the prompt that the settings name; files are read once, so that a run uses one text.

    Raises ConfigError if the prompt does not exist, or cannot be used with the settings.
    """
    path, given = _path_of(settings), (settings.template, settings.examples)
    files = [file for file in given if file is not None]
    hashes = {str(file): hashlib.sha256(_read(file)).hexdigest() for file in files}
    examples = read_examples(settings.examples or EXAMPLES)
    try:
        tree = environment().parse(source := _read(path).decode("utf-8", "replace"))
        shows_examples = "examples" in find_undeclared_variables(tree)
        template = environment().from_string(source)
        loaded = DraftPrompt(settings, template, examples, shows_examples, hashes)
        texts = {turn: loaded.text(turn, _TRIED) for turn in ("user", *template.blocks)}
    except TemplateError as error:
        line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        raise ConfigError(f"draft.prompt: {path}{line}: {error.message}") from None
    if not (texts["user"] or "").strip():
        raise ConfigError(f"draft.prompt: {path}: has no text for the user's turn, block user")
    if settings.examples is not None and not shows_examples:
        raise ConfigError(f"draft.prompt.examples: the prompt {path.stem} shows no examples")
    return loaded


def _path_of(settings: PromptConfig) -> Path:
    name, names = settings.name, prompt_names()
    if name not in names:
        raise ConfigError(
            f"draft.prompt.name: unknown {name!r}; available: {', '.join(names)}, "
            "or draft.prompt.template, a file"
        )
    if settings.template is not None and name != "function":
        raise ConfigError("draft.prompt.name and draft.prompt.template exclude each other")
    return settings.template or DRAFTS / f"{name}.j2"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"draft.prompt: {path}: {error.strerror}") from None


def check_examples(settings: PromptConfig, problems: Iterable[Problem]) -> None:
    """Raise ConfigError if examples of the user are in the benchmark."""
    if settings.examples is not None:
        check_unknown(load_prompt(settings).examples, problems, settings.examples)
