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

from agent import RunConfig, Solver, read_config


@asynccontextmanager
async def graph() -> AsyncIterator[Any]:
    """Yield the loop as a compiled graph. Raises what opening a `Solver` raises."""
    async with Solver(_config()) as solver:
        yield solver.graph()


def _config() -> RunConfig:
    path = os.environ.get("CODELOOP_CONFIG")
    return read_config(path) if path else RunConfig()
