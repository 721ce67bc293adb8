"""Parser of the counters in vLLM's /metrics text."""

from __future__ import annotations

import re

_COUNTER = r"^vllm:{}_total(?:\{{[^\n]*\}})? (\S+)$"


def cache_use(metrics: str) -> tuple[float, float]:
    """Return the tokens looked up and the tokens found in the prefix cache, over all engines."""
    return total(metrics, "prefix_cache_queries"), total(metrics, "prefix_cache_hits")


def total(metrics: str, name: str) -> float:
    """Return the counter called `name`, summed over vLLM's engines."""
    found = re.findall(_COUNTER.format(name), metrics, re.MULTILINE)
    return sum(map(float, found))
