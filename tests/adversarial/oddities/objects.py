"""Objects of classes that the prompt defines, with methods of their own."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "objects of the prompt's classes, with behaviour",
        odd(
            "vectors-that-compare",
            """
class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)
    __hash__ = None

def shift(vector, by):
    '''Return the sum of two vectors.'''
    ##
    return Vector(vector.x + by.x, vector.y + by.y)
""",
            """
assert candidate(Vector(1, 2), Vector(3, 4)) == Vector(4, 6)
assert candidate(Vector(1, 2), Vector(0, 0)) != Vector(2, 1)
""",
            ("vector.y + by.y", "vector.y - by.y"),
            ("Vector(vector.x + by.x, vector.y + by.y)", "(vector.x + by.x, vector.y + by.y)"),
        ),
        odd(
            "account-that-is-changed",
            """
class Account:
    def __init__(self, balance):
        self.balance = balance
        self.entries = []

def pay(account, amount):
    '''Add an amount to the balance and note it.'''
    ##
    account.balance += amount
    account.entries.append(amount)
""",
            """
a = Account(10)
entries = a.entries
candidate(a, 5)
candidate(a, -3)
assert a.balance == 12 and a.entries is entries and entries == [5, -3]
""",
            ("account.entries.append(amount)", "account.entries = account.entries + [amount]"),
            ("account.balance += amount", "account = Account(account.balance + amount)"),
        ),
        odd(
            "shapes-with-methods",
            """
class Shape:
    def area(self):
        return 0
class Square(Shape):
    def __init__(self, side):
        self.side = side
    def area(self):
        return self.side ** 2
class Box(Shape):
    def __init__(self, a, b):
        self.a, self.b = a, b
    def area(self):
        return self.a * self.b

def largest(shapes):
    '''Return the shape with the largest area.'''
    ##
    return max(shapes, key=lambda shape: shape.area())
""",
            """
a, b = Square(3), Box(2, 5)
assert candidate([a, b, Shape()]) is b
assert isinstance(candidate([a]), Shape) and candidate([a]).area() == 9
""",
            ("max(shapes", "min(shapes"),
        ),
        odd(
            "class-of-the-test-below-the-prompts",
            """
class Animal:
    def sound(self):
        raise NotImplementedError
    def speak(self):
        return f'{type(self).__name__}: {self.sound()}'

def chorus(animals):
    '''Return all that the animals say.'''
    ##
    return [animal.speak() for animal in animals]
""",
            """
class Cat(Animal):
    def sound(self): return 'meow'
class Cow(Animal):
    def sound(self): return 'moo'
assert candidate([Cat(), Cow()]) == ['Cat: meow', 'Cow: moo']
""",
            ("animal.speak()", "animal.sound()"),
        ),
        odd(
            "object-with-slots",
            """
class Pixel:
    __slots__ = ('red', 'green')
    def __init__(self, red, green):
        self.red, self.green = red, green

def swap(pixel):
    '''Return a pixel with its colours exchanged.'''
    ##
    return Pixel(pixel.green, pixel.red)
""",
            """
p = candidate(Pixel(1, 2))
assert (p.red, p.green) == (2, 1)
assert not hasattr(p, '__dict__')
""",
            ("Pixel(pixel.green, pixel.red)", "Pixel(pixel.red, pixel.green)"),
        ),
        odd(
            "object-with-a-property",
            """
class Degrees:
    def __init__(self, celsius):
        self._celsius = celsius
    @property
    def fahrenheit(self):
        return self._celsius * 9 / 5 + 32

def hottest(readings):
    '''Return the warmest reading in Fahrenheit.'''
    ##
    return max(reading.fahrenheit for reading in readings)
""",
            """
assert candidate([Degrees(0), Degrees(100), Degrees(20)]) == 212
""",
            ("reading.fahrenheit for", "reading._celsius for"),
        ),
        odd(
            "counter-on-the-class",
            """
class Job:
    made = 0
    def __init__(self):
        Job.made += 1

def spawn(n):
    '''Make n jobs and return them.'''
    ##
    return [Job() for _ in range(n)]
""",
            """
assert Job.made == 0
jobs = candidate(4)
assert len(jobs) == 4 and Job.made == 4
""",
            ("[Job() for _ in range(n)]", "[Job()] * n"),
        ),
        odd(
            "objects-that-sort",
            """
class Card:
    def __init__(self, rank, suit):
        self.rank, self.suit = rank, suit
    def __lt__(self, other):
        return self.rank < other.rank

def ordered(cards):
    '''Return the cards by rank; equal ranks keep their order.'''
    ##
    return sorted(cards)
""",
            """
cards = [Card(3, 'a'), Card(1, 'b'), Card(3, 'c'), Card(1, 'd')]
assert [c.suit for c in candidate(cards)] == ['b', 'd', 'a', 'c']
assert candidate(cards)[0] is cards[1]
""",
            ("sorted(cards)", "sorted(cards, reverse=True)[::-1]"),
        ),
        odd(
            "object-that-is-called",
            """
class Scale:
    def __init__(self, by):
        self.by = by
        self.uses = 0
    def __call__(self, x):
        self.uses += 1
        return x * self.by

def apply_all(scale, values):
    '''Scale every value.'''
    ##
    return [scale(value) for value in values]
""",
            """
s = Scale(3)
assert candidate(s, [1, 2]) == [3, 6] and s.uses == 2
""",
            ("scale(value)", "scale.by * value"),
        ),
        odd(
            "context-manager-as-an-argument",
            """
class Span:
    def __init__(self):
        self.events = []
    def __enter__(self):
        self.events.append('open')
        return self
    def __exit__(self, kind, error, trace):
        self.events.append(kind.__name__ if kind else 'close')
        return kind is KeyError

def guarded(span, work):
    '''Return the result of the work inside the span.'''
    ##
    with span:
        return work()
""",
            """
s = Span()
assert candidate(s, lambda: 5) == 5
assert candidate(s, lambda: {}['k']) is None
assert s.events == ['open', 'close', 'open', 'KeyError']
""",
            ("with span:\n        return work()", "span.__enter__()\n    return work()"),
        ),
        odd(
            "iterable-of-the-prompt",
            """
class Countdown:
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        return iter(range(self.n, 0, -1))
    def __len__(self):
        return self.n

def doubled(source):
    '''Return all items twice, and their number.'''
    ##
    return [*source, *source], len(source)
""",
            """
assert candidate(Countdown(2)) == ([2, 1, 2, 1], 2)
""",
            ("[*source, *source]", "[item for item in source for _ in '12']"),
        ),
        odd(
            "attributes-made-up",
            """
class Settings:
    def __init__(self, **values):
        self.__dict__.update(values)
    def __getattr__(self, name):
        return f'no {name}'

def describe(settings):
    '''Return the host and the port.'''
    ##
    return settings.host, settings.port
""",
            """
assert candidate(Settings(host='h')) == ('h', 'no port')
""",
            ("settings.port", "vars(settings).get('port')"),
        ),
        odd(
            "missing-marker",
            """
MISSING = object()

def look(table, key):
    '''Return the value, or MISSING.'''
    ##
    return table.get(key, MISSING)
""",
            """
assert candidate({'a': None}, 'a') is None
assert candidate({}, 'a') is MISSING
""",
            ("table.get(key, MISSING)", "table.get(key)"),
            ("table.get(key, MISSING)", "table.get(key, object())"),
        ),
        odd(
            "class-inside-a-class",
            """
class Menu:
    class Item:
        def __init__(self, label):
            self.label = label
    def __init__(self, *labels):
        self.items = [Menu.Item(label) for label in labels]

def labels(menu):
    '''Return the labels in upper case.'''
    ##
    return [item.label.upper() for item in menu.items]
""",
            """
assert candidate(Menu('cut', 'copy')) == ['CUT', 'COPY']
""",
            (".upper()", ".title()"),
        ),
        odd(
            "subclasses-that-register",
            """
class Plugin:
    known = {}
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        Plugin.known[cls.__name__.lower()] = cls

def create(name):
    '''Return an object of the plug-in with a name.'''
    ##
    return Plugin.known[name]()
""",
            """
class Zip(Plugin): pass
class Tar(Plugin): pass
assert type(candidate('zip')) is Zip and type(candidate('tar')) is Tar
""",
            ("Plugin.known[name]()", "Plugin()"),
        ),
        odd(
            "abstract-class-completed",
            """
from abc import ABC, abstractmethod
class Coder(ABC):
    @abstractmethod
    def encode(self, text): ...

def coder(shift):
    '''Return a Coder that shifts letters of the alphabet.'''
    ##
    class Caesar(Coder):
        def encode(self, text):
            return ''.join(chr((ord(c) - 97 + shift) % 26 + 97) for c in text)
    return Caesar()
""",
            """
c = candidate(3)
assert isinstance(c, Coder) and c.encode('xyz') == 'abc'
""",
            ("class Caesar(Coder)", "class Caesar"),
            ("% 26", "% 27"),
        ),
        odd(
            "generic-class",
            """
from typing import Generic, List, TypeVar
T = TypeVar('T')
class Pile(Generic[T]):
    def __init__(self) -> None:
        self.items: List[T] = []
    def push(self, item: T) -> 'Pile[T]':
        self.items.append(item)
        return self

def piled(values: List[int]) -> Pile[int]:
    '''Return a pile of the values that are even.'''
    ##
    pile = Pile[int]()
    for value in values:
        if value % 2 == 0:
            pile.push(value)
    return pile
""",
            """
p = candidate([1, 2, 4])
assert isinstance(p, Pile) and p.push(6).items == [2, 4, 6]
""",
            ("== 0", "!= 0"),
        ),
    ),
)
