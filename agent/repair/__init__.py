"""Repair strategies, one a file; `base` says what each has to offer."""

from __future__ import annotations

from typing import cast

from agent.plugins import find
from agent.repair.base import Strategy


def load_strategy(name: str) -> Strategy:
    """A strategy by its file's name. Raises UnknownPluginError, which lists those that exist."""
    return cast(Strategy, find(__name__, name, "repair.strategy"))
