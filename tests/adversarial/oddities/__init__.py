"""Honest programs of unusual kinds, each beside its twins: the same program with one fault."""

from __future__ import annotations

from tests.adversarial.oddities import (
    arguments,
    claims,
    classes,
    coroutines,
    data,
    errors,
    functions,
    generators,
    identity,
    limits,
    links,
    methods,
    modules,
    numbers,
    objects,
    operators,
    prompts,
    records,
    resources,
    results,
    signatures,
    surroundings,
    truth,
)
from tests.adversarial.oddities.oddity import Oddity

TOPICS = (
    links,
    objects,
    records,
    prompts,
    methods,
    classes,
    operators,
    claims,
    truth,
    identity,
    results,
    arguments,
    functions,
    generators,
    signatures,
    coroutines,
    data,
    numbers,
    errors,
    surroundings,
    modules,
    resources,
    limits,
)

ODDITIES: tuple[Oddity, ...] = tuple(case for topic in TOPICS for case in topic.CASES)
