"""Selectors, one a file; `base` says what each has to offer."""

from __future__ import annotations

from typing import cast

from agent.plugins import find
from agent.select.base import Selector


def load_selector(name: str) -> Selector:
    """A selector by its file's name. Raises UnknownPluginError, which lists those that exist."""
    return cast(Selector, find(__name__, name))
