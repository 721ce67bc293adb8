"""The context of the graph: the model, the sandbox, the settings and the budget meter."""

from __future__ import annotations

from dataclasses import dataclass

from agent.config import RunConfig
from agent.loop.budget import Meter
from agent.models.base import Model
from agent.types import Problem
from agent.visible_tests.executor import Executor
from sandbox.base import Sandbox


@dataclass(frozen=True)
class LoopContext:
    """Everything that the loops of a run share. No part of it gives access to hidden tests."""

    model: Model
    sandbox: Sandbox
    config: RunConfig
    meter: Meter

    def executor(self, problem: Problem) -> Executor:
        """Return an executor that runs programs of one problem on visible tests."""
        settings = self.config.sandbox
        return Executor(problem, self.sandbox, settings.visible_limits(), settings.isolation)
