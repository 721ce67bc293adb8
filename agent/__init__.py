"""Generate, test, repair: a loop that makes a language model's code better by running it.

    from agent import RunConfig, solve_sync

    trace = solve_sync(prompt, RunConfig(rounds=3))
    print(trace.answer)

Nothing is imported before it is asked for, and settings are what is passed in: only commands read
them from the environment. Errors are subclasses of `AgentError` and `sandbox.SandboxError`; a
setting with a bad value is pydantic's `ValidationError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.config import RunConfig
    from agent.errors import AgentError
    from agent.runner.solver import Solver, solve, solve_sync
    from agent.types import Problem, Report, Trace

__version__ = "0.2.0"
__all__ = [
    "AgentError",
    "Problem",
    "Report",
    "RunConfig",
    "Solver",
    "Trace",
    "__version__",
    "solve",
    "solve_sync",
]

_HOMES = {
    "AgentError": "agent.errors",
    "Problem": "agent.types",
    "Report": "agent.types",
    "RunConfig": "agent.config",
    "Solver": "agent.runner.solver",
    "Trace": "agent.types",
    "solve": "agent.runner.solver",
    "solve_sync": "agent.runner.solver",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
