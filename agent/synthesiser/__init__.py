"""A small typed, enumerative program synthesiser that answers as a language model would.

It is no language model, and its figures say nothing of one. It lets the loop run with no download.
"""

from __future__ import annotations

from agent.synthesiser.answering import answer
from agent.synthesiser.embedded import EmbeddedModel

__all__ = ["EmbeddedModel", "answer"]
