"""What programs usually import, so that it costs a fork and not a start.

What few programs import is left out: each module that is loaded is memory in every slot. So is
`threading`: once loaded, it makes every fork half a time as expensive again.
"""

from __future__ import annotations

import os
from typing import Any

_MODULES = (
    "bisect collections collections.abc copy dataclasses datetime decimal enum fractions functools "
    "heapq io itertools json math operator os random re statistics string struct sys time types "
    "typing warnings"
)


def _nothing(**_: Any) -> None:
    pass


def preload() -> None:
    """Import them, and make `exit` and `quit`, which -S leaves out."""
    register, os.register_at_fork = os.register_at_fork, _nothing
    __import__("random")  # which would draw a seed in every fork; ours is the same for all
    os.register_at_fork = register
    for name in _MODULES.split():
        __import__(name)
    import site
    import warnings

    site.setquit()
    warnings.simplefilter("ignore")
