"""A small typed, enumerative program synthesiser with the interface of a language model.

It is not a language model, and its results do not predict those of one. It needs no download.
"""

from __future__ import annotations

from agent.synthesiser.answering import answer
from agent.synthesiser.embedded import EmbeddedModel

__all__ = ["EmbeddedModel", "answer"]
