"""The identity of a served model: its name, and a fingerprint of the weights behind the name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from pydantic import ConfigDict, ValidationError

from agent.types import Completion, Message, Record, Sampling

PROBE = (
    Message(
        role="user",
        content="Write one sentence about a river, then a short Python function of your choice.",
    ),
)
"""The chat whose greedy answer tells models apart that have the same name."""
PROBE_SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=16, seed=0)
_DIGITS = 12


class ServedIdentity(Record):
    """The facts that tell a model from others of the same name. As text: `served/NAME#MARK`."""

    model_config = ConfigDict(extra="ignore")  # facts of later versions

    name: str
    label: str | None = None
    """The user's name for these weights; it replaces the fingerprint."""
    root: str | None = None
    """The weights, as the server's list of models names them."""
    parent: str | None = None
    """The model that an adapter belongs to."""
    context: int | None = None
    probe: str | None = None
    """Hash of the greedy answer to the probe; None if the server gave none."""

    def __str__(self) -> str:
        return f"{self.plain}#{self.mark}"

    @property
    def plain(self) -> str:
        """The identity without a mark, as former versions knew it."""
        return f"served/{self.name}"

    @property
    def mark(self) -> str:
        """The label, or the fingerprint of root, parent, context and probe."""
        if self.label:
            return self.label
        facts = json.dumps([self.root, self.parent, self.context, self.probe])
        return hashlib.sha256(facts.encode()).hexdigest()[:_DIGITS]


def identity_of(facts: object) -> ServedIdentity | None:
    """Return the identity that a manifest or a store holds; None if it holds none."""
    try:
        return ServedIdentity.model_validate(facts)
    except ValidationError:
        return None


def differences(there: ServedIdentity, here: ServedIdentity) -> list[str]:
    """Return a phrase for each fact that differs `here`; nothing if the marks are equal."""
    if there.mark == here.mark:
        return []
    if there.label or here.label:
        return [f"label is {here.mark}, not {there.mark}"]
    found = [
        f"{name} is {getattr(here, name) or 'unknown'}, not {getattr(there, name) or 'unknown'}"
        for name in ("root", "parent", "context")
        if getattr(there, name) != getattr(here, name)
    ]
    if there.probe == here.probe:
        return found
    known = there.probe and here.probe
    return [*found, f"the answer to the probe {'differs' if known else 'is known of one only'}"]


def told_apart(there: ServedIdentity, here: ServedIdentity) -> str:
    """Return the differences as one phrase, with advice if only the probe tells them apart."""
    found = differences(there, here)
    alone = len(found) == 1 and found[0].startswith("the answer to the probe")
    context = "name, root and context are the same, but " if alone else ""
    return context + ", ".join(found)


def probe_hash(answer: Completion, facts: Sequence[object] = ()) -> str | None:
    """Return the hash of an answer, its reasoning apart; None if the answer is empty."""
    if not (answer.text or answer.reasoning):
        return None
    text = json.dumps([answer.text, answer.reasoning, *facts])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
