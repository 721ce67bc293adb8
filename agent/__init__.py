"""Generate, test, repair: a loop that improves a language model's code by running it.

    from agent import RunConfig, solve_sync

    trace = solve_sync(prompt, RunConfig(rounds=3))
    print(trace.answer)

Each name is imported on first access. Settings are the arguments that the caller passes; only the
commands read settings from the environment. Errors are subclasses of `AgentError` and
`sandbox.SandboxError`; a setting with a bad value raises pydantic's `ValidationError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.answers.programs import completion_of
    from agent.config import RunConfig
    from agent.datasets.samples import sample_line
    from agent.errors import AgentError
    from agent.report.summary import Report
    from agent.runner.page_files import page_of
    from agent.runner.solver import Solver, solve, solve_sync
    from agent.settings import read_config
    from agent.types import Call, Candidate, Problem, Timing, Trace

__version__ = "0.2.0"
__all__ = [
    "AgentError",
    "Call",
    "Candidate",
    "Problem",
    "Report",
    "RunConfig",
    "Solver",
    "Timing",
    "Trace",
    "__version__",
    "completion_of",
    "page_of",
    "read_config",
    "sample_line",
    "solve",
    "solve_sync",
]

_MODULES = {
    "AgentError": "agent.errors",
    "Call": "agent.types",
    "Candidate": "agent.types",
    "Problem": "agent.types",
    "Report": "agent.report.summary",
    "RunConfig": "agent.config",
    "Solver": "agent.runner.solver",
    "Timing": "agent.types",
    "Trace": "agent.types",
    "completion_of": "agent.answers.programs",
    "page_of": "agent.runner.page_files",
    "read_config": "agent.settings",
    "sample_line": "agent.datasets.samples",
    "solve": "agent.runner.solver",
    "solve_sync": "agent.runner.solver",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
