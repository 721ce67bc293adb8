"""Values sent between processes: round trips, conversions, and tables that the decoder refuses."""

from __future__ import annotations

import datetime
import enum
import math
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.judge.channel import text_of
from sandbox.judge.values import WRONG_DATA, Encoder, Node, decode, fill, value_of
from tests.sandbox.foreign import NoForeign

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(codec=None)),
    st.binary(),
    st.complex_numbers(allow_nan=False),
    st.fractions(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
)
HASHABLE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
VALUES = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=3)
        | st.sets(HASHABLE, max_size=3)
        | st.lists(inner, max_size=3).map(deque)
        | st.dictionaries(st.text(), inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=12,
)


def crossed(value: Any) -> Any:
    """Return the value that the other process receives."""
    encoder = Encoder([], NoForeign())
    item = encoder.item(value)
    encoder.finish()
    text_of([item, encoder.nodes])
    objects: list[Any] = []
    decode(encoder.nodes, objects, NoForeign())
    return value_of(item, objects)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal and have equal types, inner values included (by repr)."""
    return repr(left) == repr(right) and left == right and type(left) is type(right)


@given(VALUES)
def test_values_arrive_unchanged(value: Any) -> None:
    assert crossed(value) == value
    assert type(crossed(value)) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        [True, 1, 1.0, -0.0, "1", None],
        10**50,
        math.inf,
        range(3, 10**30, 2),
        slice(1, None, -1),
        Ellipsis,
        NotImplemented,
        int,
        bytearray(b"\0\xff"),
        "\ud800\udfff",
        {"a": (1, [2, {3}])},
        OrderedDict(b=1, a=2),
        Counter("abca"),
        deque([1, 2], maxlen=2),
        datetime.time(1, 2, tzinfo=datetime.UTC),
        Decimal("1.10"),
        Fraction(2, 4),
    ],
    ids=lambda value: type(value).__name__,
)
def test_types_and_their_details_are_kept(value: Any) -> None:
    assert same(crossed(value), value)


def test_integers_too_long_for_decimal_digits() -> None:
    assert crossed([-(10**5000)]) == [-(10**5000)]


def test_nan_minus_zero_default_dictionaries_and_views() -> None:
    assert math.isnan(crossed(math.nan))
    assert math.copysign(1, crossed(-0.0)) == -1
    found = crossed(defaultdict(list, a=[1]))
    assert type(found) is defaultdict
    assert found == {"a": [1]}
    views = {"a": 1}
    assert crossed(views.keys()) == {"a"}
    assert list(crossed(views.values())) == [1]
    assert crossed(views.items()) == {("a", 1)}


def test_subclasses_arrive_as_their_base_type() -> None:
    class Liar(int):
        __eq__ = lambda self, other: True  # noqa: E731 - the shortest liar
        __hash__ = int.__hash__

    class Kind(enum.IntEnum):
        ONE = 1

    assert same(crossed(Liar(7)), 7)
    assert same(crossed(Kind.ONE), 1)


def test_named_tuples_keep_their_names_and_other_tuples_do_not() -> None:
    class Point(NamedTuple):
        x: int
        y: list[int]

    class Pair(tuple[int, int]):
        __slots__ = ()

    found = crossed([Point(1, [2]), Point(3, [])])
    assert found == [(1, [2]), (3, [])]
    assert type(found[0]) is type(found[1]) is not Point
    assert (found[0].x, found[0].y, repr(found[0])) == (1, [2], "Point(x=1, y=[2])")
    assert same(crossed(Pair((1, 2))), (1, 2))


def test_shared_values_cycles_and_depth_are_kept() -> None:
    inner = [1]
    left, right = crossed([inner, inner])
    assert left is right
    loop: list[Any] = [1]
    loop.append({"loop": (loop,)})
    found = crossed(loop)
    assert found[1]["loop"][0] is found
    nan = math.nan
    first, second = crossed([nan, nan])
    assert first is second
    deep: Any = ()
    for _ in range(50_000):
        deep = ([deep],)
    depth, found = 0, crossed(deep)
    while found:
        depth, found = depth + 1, found[0][0]
    assert depth == 50_000


@pytest.mark.parametrize(
    "nodes",
    [
        [["t", [0]]],
        [["t", [1]], ["f", [0]]],
        [["t", [9]]],
        [["l", {"a": 1}]],
        [["l", ["x"]]],
        [["nothing", 1]],
        [[]],
        [["i", "zz"]],
        [["F", 1, 0]],
        [["D", "x"]],
        [["y", "Popen"]],
        [["1", "exit"]],
        [["s", [1]], ["l"]],
        [["d", [1], 1], ["l"]],
        [["q", "x"]],
        [["dt", "never"]],
        [["b", 3]],
        [["c", 1]],
    ],
)
def test_a_malformed_table_is_refused(nodes: list[Node]) -> None:
    with pytest.raises(WRONG_DATA):
        decode(nodes, [], NoForeign())


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["l", "t", "d", "s", "q", "F", "r", "k", "v", "m", "z", "I", "=", "i", "n"]
            )
            | st.integers(-3, 5)
            | st.lists(st.integers(-3, 5), max_size=2)
            | st.none(),
            max_size=4,
        ),
        max_size=5,
    )
)
def test_any_table_is_decoded_or_refused(nodes: list[Node]) -> None:
    try:
        decode(nodes, [], NoForeign())
    except WRONG_DATA:
        return


def test_filling_keeps_the_identity_and_refuses_another_type() -> None:
    for target, node in (
        ([1], ["l", 2]),
        ({"a": 1}, ["d", "b", 2]),
        ({1}, ["s", 0, 2]),
        (bytearray(b"a"), ["B", "b"]),
        (Counter("a"), ["C", "b", 2]),
        (OrderedDict(a=1), ["O", "b", 2]),
        (deque([1]), ["q", None, 2]),
    ):
        fill(target, node, [])
        assert next(iter(target)) in (2, "b", ord("b"))
    for other, node in (((1,), ["l", 2]), ([1], ["d", "b", 2]), ("a", ["l"])):
        with pytest.raises(TypeError):
            fill(other, node, [])
