"""A graph factory for LangGraph's Studio and its server, see `langgraph.json`.

Input: {"prompt": "...", "entry_point": "..."}; the entry point may be left out. Settings come from
the file that $CODELOOP_CONFIG names, or else from the defaults; model and sandbox stay open while
the graph is in use.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import yaml

from agent import RunConfig, Solver


@asynccontextmanager
async def graph() -> AsyncIterator[Any]:
    """Yield the loop as a compiled graph. Raises what opening a `Solver` raises."""
    async with Solver(_config()) as solver:
        yield solver.graph()


def _config() -> RunConfig:
    path = os.environ.get("CODELOOP_CONFIG")
    if not path:
        return RunConfig()
    with open(path, encoding="utf-8") as file:
        return RunConfig.model_validate(yaml.safe_load(file) or {})
