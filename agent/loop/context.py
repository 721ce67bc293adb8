"""What the steps of the graph work with: all that talks to the world."""

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
    """What the loops of a run share. Nothing in here has a way to a hidden test."""

    model: Model
    sandbox: Sandbox
    config: RunConfig
    meter: Meter

    def executor(self, problem: Problem) -> Executor:
        """Where the programs of a problem run on visible tests."""
        return Executor(problem, self.sandbox, self.config.sandbox.visible_limits())
