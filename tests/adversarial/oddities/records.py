"""Named tuples, data classes and enumerations of the prompt."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "named tuples and data classes",
        odd(
            "named-tuple-in",
            """
from collections import namedtuple
Span = namedtuple('Span', 'low high')

def width(span):
    '''Return the width of a span.'''
    ##
    return span.high - span.low
""",
            """
assert candidate(Span(3, 10)) == 7 and candidate(Span(high=1, low=1)) == 0
""",
            ("span.high - span.low", "span[0] - span[1]"),
        ),
        odd(
            "named-tuple-out",
            """
from typing import NamedTuple
class Score(NamedTuple):
    name: str
    points: int = 0

def best(scores):
    '''Return the best score, with one point more.'''
    ##
    top = max(scores, key=lambda score: score.points)
    return top._replace(points=top.points + 1)
""",
            """
s = candidate([Score('a', 2), Score('b', 5), Score('c')])
assert s == ('b', 6) and s.name == 'b' and s._asdict() == {'name': 'b', 'points': 6}
""",
            ("top._replace(points=top.points + 1)", "(top.name, top.points + 1)"),
            ("top.points + 1", "top.points"),
        ),
        odd(
            "named-tuple-of-named-tuples",
            """
from collections import namedtuple
Point = namedtuple('Point', ['x', 'y'])
Line = namedtuple('Line', ['start', 'end'])

def moved(line, by):
    '''Return the line moved to the right.'''
    ##
    return Line(*(Point(p.x + by, p.y) for p in line))
""",
            """
l = candidate(Line(Point(0, 1), Point(2, 3)), 10)
assert l.start.x == 10 and l.end == Point(12, 3) and type(l.end) is Point
""",
            ("Line(*(Point(p.x + by, p.y) for p in line))", "Line(line.start, line.end)"),
            ("Point(p.x + by, p.y)", "(p.x + by, p.y)"),
        ),
        odd(
            "data-class-in-and-out",
            """
from dataclasses import dataclass, field
@dataclass
class Order:
    item: str
    count: int = 1
    tags: list = field(default_factory=list)

def merged(a, b):
    '''Return one order of both.'''
    ##
    return Order(a.item, a.count + b.count, a.tags + b.tags)
""",
            """
o = candidate(Order('nut', 2, ['x']), Order('nut', tags=['y']))
assert o == Order('nut', 3, ['x', 'y'])
assert repr(o) == "Order(item='nut', count=3, tags=['x', 'y'])"
""",
            ("a.tags + b.tags", "b.tags + a.tags"),
        ),
        odd(
            "frozen-data-class-as-a-key",
            """
from dataclasses import dataclass
@dataclass(frozen=True)
class Place:
    row: int
    column: int

def neighbours(place):
    '''Return the set of the four places beside a place.'''
    ##
    steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
    return {Place(place.row + a, place.column + b) for a, b in steps}
""",
            """
n = candidate(Place(0, 0))
assert len(n) == 4 and Place(-1, 0) in n
assert Place(1, 1) not in n and {Place(0, 1): 'k'}[Place(0, 1)] == 'k'
""",
            ("(-1, 0))", "(1, 0))"),
        ),
        odd(
            "data-class-that-is-ordered",
            """
from dataclasses import dataclass
@dataclass(order=True)
class Version:
    major: int
    minor: int = 0

def newest(versions):
    '''Return the highest version.'''
    ##
    return max(versions)
""",
            """
v = candidate([Version(1, 9), Version(2, 1), Version(2)])
assert v == Version(2, 1) and v > Version(2, 0) and not v < Version(1)
""",
            ("max(versions)", "max(versions, key=lambda v: v.minor)"),
        ),
        odd(
            "data-class-changed",
            """
from dataclasses import dataclass, asdict, replace
@dataclass
class Player:
    name: str
    lives: int = 3

def hit(player):
    '''Take a life and return a record of the state before.'''
    ##
    before = replace(player)
    player.lives -= 1
    return before
""",
            """
from dataclasses import asdict
p = Player('p')
q = candidate(p)
assert p.lives == 2 and q.lives == 3 and asdict(q) == {'name': 'p', 'lives': 3}
""",
            ("replace(player)", "player"),
        ),
        odd(
            "data-class-that-checks",
            """
from dataclasses import dataclass
@dataclass
class Percent:
    value: float
    def __post_init__(self):
        if not 0 <= self.value <= 100:
            raise ValueError(f'{self.value} is not between 0 and 100')

def share(part, whole):
    '''Return the share of a part.'''
    ##
    return Percent(100 * part / whole)
""",
            """
assert candidate(1, 4).value == 25
try:
    candidate(5, 4)
except ValueError as error:
    assert str(error) == '125.0 is not between 0 and 100'
else:
    assert False
""",
            ("Percent(100 * part / whole)", "Percent(min(100, 100 * part / whole))"),
        ),
    ),
    *kind(
        "enumerations",
        odd(
            "member-in",
            """
from enum import Enum
class Side(Enum):
    LEFT = 'l'
    RIGHT = 'r'

def opposite_name(side):
    '''Return the name of the other side.'''
    ##
    return 'RIGHT' if side is Side.LEFT else 'LEFT'
""",
            """
assert candidate(Side.LEFT) == 'RIGHT' and candidate(Side('r')) == 'LEFT'
""",
            ("side is Side.LEFT", "side == 'l'"),
        ),
        odd(
            "member-out",
            """
from enum import Enum, auto
class State(Enum):
    IDLE = auto()
    BUSY = auto()
    DONE = auto()

def following(state):
    '''Return the state after a state; DONE stays.'''
    ##
    members = list(State)
    return members[min(members.index(state) + 1, len(members) - 1)]
""",
            """
assert candidate(State.IDLE) is State.BUSY and candidate(State.DONE) is State.DONE
assert candidate(State.BUSY).name == 'DONE'
""",
            ("len(members) - 1)]", "len(members) - 1)].value"),
            ("index(state) + 1", "index(state)"),
        ),
        odd(
            "members-as-keys",
            """
from enum import Enum
class Coin(Enum):
    PENNY = 1
    DIME = 10

def worth(purse):
    '''Return the value of a purse, a dictionary from coins to counts.'''
    ##
    return sum(coin.value * count for coin, count in purse.items())
""",
            """
assert candidate({Coin.PENNY: 3, Coin.DIME: 2}) == 23
""",
            ("coin.value * count", "coin.value + count"),
        ),
        odd(
            "members-sorted-out",
            """
from enum import Enum
class Kind(Enum):
    EVEN = 0
    ODD = 1

def grouped(values):
    '''Return the values by kind.'''
    ##
    found = {kind: [] for kind in Kind}
    for value in values:
        found[Kind(value % 2)].append(value)
    return found
""",
            """
assert candidate([1, 2, 3]) == {Kind.EVEN: [2], Kind.ODD: [1, 3]}
""",
            ("found[Kind(value % 2)]", "found[Kind(1 - value % 2)]"),
        ),
        odd(
            "text-members",
            """
from enum import Enum
class Level(str, Enum):
    LOW = 'low'
    HIGH = 'high'

def level(x):
    '''Return the level of a number.'''
    ##
    return Level.HIGH if x > 9 else Level.LOW
""",
            """
assert candidate(10) == 'high' and candidate(9) is Level.LOW
assert candidate(10).value.upper() == 'HIGH'
""",
            ("x > 9", "x >= 9"),
            ("Level.HIGH if x > 9 else Level.LOW", "'high' if x > 9 else 'low'"),
        ),
        odd(
            "integer-members",
            """
from enum import IntEnum
class Weight(IntEnum):
    LIGHT = 1
    HEAVY = 5

def heavier(weight):
    '''Return the next weight, or the weight itself.'''
    ##
    return max(weight, Weight.HEAVY)
""",
            """
w = candidate(Weight.LIGHT)
assert w == 5 and w.name == 'HEAVY' and w + 1 == 6
""",
            ("max(weight, Weight.HEAVY)", "int(max(weight, Weight.HEAVY))"),
        ),
        odd(
            "flags",
            """
from enum import Flag, auto
class Access(Flag):
    NONE = 0
    READ = auto()
    WRITE = auto()
    RUN = auto()

def without(access, taken):
    '''Return the access without what is taken.'''
    ##
    return access & ~taken
""",
            """
a = candidate(Access.READ | Access.RUN, Access.RUN | Access.WRITE)
assert a is Access.READ and Access.RUN not in a
assert not candidate(Access.RUN, Access.RUN)
""",
            ("access & ~taken", "access ^ taken"),
        ),
        odd(
            "enumeration-with-methods",
            """
from enum import Enum
class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)
    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius
    @property
    def pull(self):
        return self.mass / self.radius ** 2

def weakest(planets):
    '''Return the planet with the weakest pull.'''
    ##
    return min(planets, key=lambda planet: planet.pull)
""",
            """
assert candidate([Planet.EARTH, Planet.MARS]) is Planet.MARS
assert candidate(Planet).mass == 0.64
""",
            ("min(planets", "max(planets"),
        ),
    ),
)
