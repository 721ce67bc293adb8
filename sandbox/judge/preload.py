"""Preloading of the modules that programs usually import, so that each fork has them already.

Modules that few programs import are left out: each loaded module takes memory in every slot. So is
`threading`: once loaded, it makes every fork half as expensive again.
"""

from __future__ import annotations

import os
from typing import Any

MODULES = (
    "bisect collections collections.abc copy dataclasses datetime decimal enum fractions functools "
    "heapq io itertools json math operator os random re statistics string struct sys time types "
    "typing warnings"
)
"""The names of the modules, between spaces."""


def _ignore(**_: Any) -> None:
    pass


def preload() -> None:
    """Import the modules, and define `exit` and `quit`, which the option -S leaves out."""
    register, os.register_at_fork = os.register_at_fork, _ignore
    __import__("random")  # it would reseed in every fork; our forks share one seed
    os.register_at_fork = register
    for name in MODULES.split():
        __import__(name)
    import site
    import warnings

    site.setquit()
    warnings.simplefilter("ignore")
