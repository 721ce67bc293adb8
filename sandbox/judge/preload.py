"""What programs usually import, so that it costs a fork and not a start.

`threading` is left out, and with it what imports it: once loaded, it makes every fork half a time
as expensive again, and few programs need it.
"""

from __future__ import annotations

import os
from typing import Any

_MODULES = (
    "abc array base64 bisect calendar cmath collections collections.abc contextlib copy csv "
    "dataclasses datetime decimal enum fractions functools hashlib heapq inspect io itertools "
    "json keyword math numbers operator os pprint random re string struct statistics sys textwrap "
    "time types typing unicodedata warnings"
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
