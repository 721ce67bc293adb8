"""Wall time of the steps of the graph: a measurement that no step reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
StateT = TypeVar("StateT", bound=Mapping[str, object])


def added(one: Mapping[str, float], two: Mapping[str, float]) -> dict[str, float]:
    """Return the sums of two mappings, key by key."""
    return {**one} | {name: one.get(name, 0.0) + value for name, value in two.items()}


def timed(
    node: Callable[P, Coroutine[Any, Any, StateT]],
) -> Callable[P, Coroutine[Any, Any, StateT]]:
    """Return the same step of the graph, which also adds its wall time to `step_seconds`."""

    @wraps(node)
    async def run(*args: P.args, **kwargs: P.kwargs) -> StateT:
        start = time.monotonic()
        changed = await node(*args, **kwargs)
        times = {node.__name__: time.monotonic() - start}
        return cast(StateT, {**changed, "step_seconds": times})

    return run
