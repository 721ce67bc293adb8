"""Values that belong to the test as arguments: its own classes, live views, slices, locks."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "values of the test's own as arguments",
        odd(
            "default-dictionary-of-the-test",
            """
def tally(words, found):
    '''Append each word's position to found[word]; found makes missing entries itself.'''
    ##
    for position, word in enumerate(words):
        found[word].append(position)
""",
            """
from collections import defaultdict
made = []
def fresh():
    made.append(1)
    return []
d = defaultdict(fresh, a=[9])
candidate(['a', 'b', 'a'], d)
assert d == {'a': [9, 0, 2], 'b': [1]} and made == [1]
""",
            ("found[word].append(position)", "found[word] = found.get(word, []) + [position]"),
            ("enumerate(words)", "enumerate(words, 1)"),
        ),
        odd(
            "records-of-the-test",
            """
def oldest(people):
    '''Return the name of the oldest person.'''
    ##
    return max(people, key=lambda person: person.age).name
""",
            """
from collections import namedtuple
from dataclasses import dataclass
Person = namedtuple('Person', 'name age')
@dataclass
class Pet:
    name: str
    age: int
assert candidate([Person('a', 3), Person('b', 5)]) == 'b'
assert candidate([Pet('c', 9), Pet('d', 2)]) == 'c'
""",
            ("max(people", "min(people"),
        ),
        odd(
            "enumeration-of-the-test",
            """
def sorted_names(members):
    '''Return the names of members by value.'''
    ##
    return [member.name for member in sorted(members, key=lambda member: member.value)]
""",
            """
from enum import Enum
class Size(Enum):
    L = 3
    S = 1
    M = 2
assert candidate(Size) == ['S', 'M', 'L'] and candidate([Size.L]) == ['L']
""",
            ("member.value)", "member.name)"),
        ),
        odd(
            "objects-that-compare-in-the-test",
            """
def place(items, item):
    '''Insert an item into a sorted list, in place; return its position.'''
    ##
    import bisect
    at = bisect.bisect_right(items, item)
    items.insert(at, item)
    return at
""",
            """
class Card:
    def __init__(self, rank):
        self.rank = rank
    def __lt__(self, other):
        return self.rank < other.rank
hand = [Card(1), Card(3), Card(5)]
new = Card(3)
assert candidate(hand, new) == 2 and hand[2] is new and len(hand) == 4
""",
            ("bisect_right", "bisect_left"),
            ("items.insert(at, item)", "items.insert(at, type(item)(item.rank))"),
        ),
        odd(
            "sequence-by-two-methods",
            """
def search(items, wanted):
    '''Find a value by halving; return its index or None, with few accesses.'''
    ##
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return None
""",
            """
class Squares:
    read = 0
    def __len__(self): return 1000
    def __getitem__(self, index):
        self.read += 1
        return index * index
s = Squares()
assert candidate(s, 49) == 7 and candidate(s, 50) is None and s.read < 45
""",
            (
                "low, high = 0, len(items)\n",
                "items = [items[i] for i in range(len(items))]\n    low, high = 0, len(items)\n",
            ),
            ("return middle\n", "return low\n"),
        ),
        odd(
            "attribute-that-is-computed",
            """
def label(item):
    '''Return the text of an item, reading it once.'''
    ##
    text = item.text
    return text.strip() or 'none'
""",
            """
class Item:
    reads = 0
    @property
    def text(self):
        self.reads += 1
        return ' a ' if self.reads == 1 else ''
i = Item()
assert candidate(i) == 'a' and i.reads == 1 and candidate(i) == 'none'
""",
            ("text = item.text\n    return text.strip()", "return item.text and item.text.strip()"),
        ),
        odd(
            "equality-of-the-test",
            """
def position(items, wanted):
    '''Return the first index of an equal item, or -1.'''
    ##
    return items.index(wanted) if wanted in items else -1
""",
            """
class Loose:
    def __init__(self, text): self.text = text
    def __eq__(self, other): return self.text.lower() == str(getattr(other, 'text', other)).lower()
items = [Loose('a'), Loose('B')]
assert candidate(items, Loose('b')) == 1 and candidate(items, 'A') == 0
assert candidate(items, Loose('c')) == -1
""",
            ("items.index(wanted) if wanted in items else -1", "0 if wanted in items else -1"),
            (
                "items.index(wanted) if wanted in items else -1",
                "next((i for i, item in enumerate(items) if item is wanted), -1)",
            ),
        ),
        odd(
            "slices-and-ellipsis",
            """
def pick(items, key):
    '''Return items[key]; for Ellipsis return a copy of all.'''
    ##
    return items[:] if key is ... else items[key]
""",
            """
assert candidate([1, 2, 3], slice(None, None, -1)) == [3, 2, 1] and candidate('abc', 1) == 'b'
x = [1]
assert candidate(x, ...) == [1] and candidate(x, ...) is not x
""",
            ("items[:] if key is ...", "items[1:] if key is ..."),
            ("items[:] if key is ...", "items if key is ..."),
        ),
        odd(
            "memory-view",
            """
def zero(view):
    '''Set the first byte to 0 and return the size.'''
    ##
    view[0] = 0
    return len(view)
""",
            """
data = bytearray(b'abc')
assert candidate(memoryview(data)[1:]) == 2 and data == b'a\\0c'
""",
            ("view[0] = 0", "view = bytearray(view)\n    view[0] = 0"),
        ),
        odd(
            "live-view-of-a-dictionary",
            """
def watch(keys):
    '''Return a function that counts the keys that the view has now.'''
    ##
    return lambda: len(keys)
""",
            """
d = {'a': 1}
count = candidate(d.keys())
assert count() == 1
d['b'] = 2
assert count() == 2
""",
            ("return lambda: len(keys)", "n = len(keys)\n    return lambda: n"),
        ),
        odd(
            "lock-and-event",
            """
def signal_done(lock, event):
    '''Set the event while holding the lock.'''
    ##
    with lock:
        event.set()
    return event.is_set()
""",
            """
import threading
lock, event = threading.Lock(), threading.Event()
assert candidate(lock, event) is True and event.is_set() and not lock.locked()
""",
            ("    with lock:\n        event.set()", "    lock.acquire()\n    event.set()"),
            ("event.set()\n    return event.is_set()", "pass\n    return True"),
        ),
        odd(
            "generator-that-is-sent-to",
            """
def feed(sink, values):
    '''Send the values to a started generator and close it; return the answers.'''
    ##
    answers = [sink.send(value) for value in values]
    sink.close()
    return answers
""",
            """
log = []
def totals():
    total = 0
    try:
        while True:
            total += yield total
    finally:
        log.append(total)
t = totals()
next(t)
assert candidate(t, [1, 2, 3]) == [1, 3, 6] and log == [6]
""",
            ("    sink.close()\n", ""),
            ("sink.send(value)", "sink.send(1)"),
        ),
        odd(
            "compiled-expression-of-the-test",
            """
def mask(text, pattern):
    '''Replace each match by stars of its length.'''
    ##
    return pattern.sub(lambda match: '*' * len(match.group()), text)
""",
            """
import re
assert candidate('a12b345', re.compile(r'\\d+')) == 'a**b***'
assert candidate('Ab', re.compile('B', re.IGNORECASE)) == 'A*'
""",
            ("'*' * len(match.group())", "'*'"),
        ),
        odd(
            "data-in-an-object-of-the-test",
            """
def visit(node, act):
    '''Call act(node) for a node and all below it, parents first.'''
    ##
    act(node)
    for child in node.children:
        visit(child, act)
""",
            """
class Node:
    def __init__(self, name, *children):
        self.name, self.children = name, children
seen = []
candidate(Node('a', Node('b', Node('c')), Node('d')), lambda node: seen.append(node.name))
assert seen == ['a', 'b', 'c', 'd']
""",
            (
                "act(node)\n    for child in node.children:\n        visit(child, act)",
                "for child in node.children:\n        visit(child, act)\n    act(node)",
            ),
        ),
    ),
)
