"""First drafts, drawn from a weighted grammar. Examples provide types, and are never run."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from agent.errors import DeadEndError
from agent.synthesiser.compiling import ELEMENT, fill, is_closed
from agent.synthesiser.fitting import fit
from agent.synthesiser.library import Op, weighted
from agent.synthesiser.reading import Asked
from agent.synthesiser.sources import constants
from agent.synthesiser.writing import Body

DRAWS = 150
MAX_DEPTH = 3
TEMPERATURE = 1.0
"""Temperature of the choice between idioms, in units of cost."""
SELECTION_NOISE = 0.6
"""Standard deviation of the noise in the ranking of draws, in units of score."""
_UNUSED_PENALTY = 4.0
_NODE_PENALTY = 1.2


@dataclass(frozen=True)
class Sampled:
    """A drawn expression with the features that `score` uses."""

    text: str
    closed: bool
    ops: tuple[Op, ...] = ()
    used: frozenset[str] = frozenset()
    constants: int = 0


@dataclass
class Grammar:
    """The weighted idioms and leaves of a task, by the type of their result."""

    task: Asked
    rng: random.Random
    options: dict[tuple[str, int], tuple[list[Op | Sampled], list[float]]] = field(
        default_factory=dict
    )
    by_kind: dict[str, list[Op]] = field(default_factory=dict)
    leaves: dict[str, list[tuple[Sampled, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Asked, rng: random.Random) -> Grammar:
        """Build the grammar of one task."""
        ops = weighted([*task.kinds, task.goal], task.words, None)
        grammar = cls(task, rng)
        for op in ops:
            grammar.by_kind.setdefault(op.gives, []).append(op)
        for name, kind in zip(task.params, task.kinds, strict=True):
            leaf = Sampled(name, True, used=frozenset({name}))
            grammar.leaves.setdefault(kind, []).append((leaf, 0.5))
        for entry in constants(task, 0):
            leaf = Sampled(entry.written, True, constants=1)
            grammar.leaves.setdefault(entry.kind, []).append((leaf, float(entry.cost)))
        return grammar

    def draw(self, kind: str, depth: int, element: str | None = None) -> Sampled:
        """Draw an expression of a type. Raises DeadEndError if no idiom or leaf fits."""
        if ">" in kind:
            takes, _, gives = kind.partition(">")
            return self.draw(gives, max(depth, 1), takes)
        choices, weights = self._choices(kind, depth)
        if element == kind:
            choices, weights = [*choices, Sampled(ELEMENT, True)], [*weights, 2 * sum(weights) + 1]
        if not choices:
            raise DeadEndError
        choice = self.rng.choices(choices, weights)[0]
        if isinstance(choice, Sampled):
            return choice
        inner = [self.draw(taken, depth - 1, element) for taken in choice.takes]
        return self._joined(choice, inner)

    def _choices(self, kind: str, depth: int) -> tuple[list[Op | Sampled], list[float]]:
        known = self.options.get((kind, depth))
        if known is None:
            leaves = self.leaves.get(kind, []) if depth < MAX_DEPTH else []
            costed: list[tuple[Op | Sampled, float]] = [*leaves]
            costed += [(op, float(op.cost)) for op in self.by_kind.get(kind, ()) if depth > 0]
            least = min((cost for _, cost in costed), default=0)
            weights = [math.exp((least - cost) / TEMPERATURE) for _, cost in costed]
            known = ([choice for choice, _ in costed], weights)
            self.options[kind, depth] = known
        return known

    def _joined(self, op: Op, inner: list[Sampled]) -> Sampled:
        texts = [
            draw.text if draw.closed or ">" in kind else f"({draw.text})"
            for draw, kind in zip(inner, op.takes, strict=True)
        ]
        in_body = any(ELEMENT in text for text in texts) and not any(">" in k for k in op.takes)
        taken = (*self.task.params, "x") if in_body else self.task.params
        return Sampled(
            fill(op.text, texts, taken),
            is_closed(op.text),
            (op, *(used for draw in inner for used in draw.ops)),
            frozenset().union(*(draw.used for draw in inner)),
            sum(draw.constants for draw in inner),
        )


def drafts(task: Asked, seed: int) -> list[Body]:
    """Return programs for a task, the best fit to its words first."""
    rng = random.Random(f"draft {seed} {task.name}")
    grammar = Grammar.of(task, rng)
    found: dict[str, float] = {}
    for _ in range(DRAWS):
        try:
            draw = grammar.draw(task.goal, MAX_DEPTH)
        except DeadEndError:
            continue
        found.setdefault(draw.text, score(task, draw) + SELECTION_NOISE * rng.gauss(0, 1))
    ranked = sorted(found, key=lambda text: -found[text])
    return [Body(text) for text in ranked]


def score(task: Asked, draw: Sampled) -> float:
    """Return a draw's fit to the words, minus penalties for size and unused parameters."""
    unused = len(set(task.params) - draw.used)
    size = len(draw.ops) + 0.5 * draw.constants
    return fit(task, draw.ops) - _UNUSED_PENALTY * unused - _NODE_PENALTY * size
