"""Single claims about objects: each test asks for one thing only, so that no other hides it."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import Fault, Oddity, kind, odd


def _claims(name: str, methods: str, test: str, *faults: Fault) -> Oddity:
    """Return a case of a function that returns an object of a class with these methods."""
    return odd(
        f"single-{name}",
        f"def thing(n):\n    '''Return an object.'''\n    ##\n"
        f"    class Thing:\n        {methods}\n    return Thing()\n",
        test,
        *faults,
    )


def _refused(line: str) -> str:
    """Return a test that the line raises TypeError."""
    return f"try:\n    {line}\nexcept TypeError:\n    pass\nelse:\n    assert False"


_ABC = "from collections.abc import Iterable, Iterator, Sized, Container, Hashable, Awaitable\n"

CASES = kind(
    "single claims of objects",
    odd(
        "single-emptied",
        """
class Slot:
    '''A place for one thing; it is true while it is taken.'''
    ##
    def __init__(self):
        self.taken = False
    def put(self):
        self.taken = True
    def free(self):
        self.taken = False
    def __bool__(self):
        return self.taken
""",
        "s = candidate()\nassert not s\ns.put()\ns.free()\nassert not s",
        ("def free(self):\n        self.taken = False", "def free(self):\n        pass"),
    ),
    odd(
        "single-refilled",
        """
class Jar:
    '''A jar with a length.'''
    ##
    def __init__(self, items):
        self.items = list(items)
    def take(self):
        return self.items.pop()
    def put(self, item):
        self.items.append(item)
    def __len__(self):
        return len(self.items)
""",
        "j = candidate('a')\nassert j\nj.take()\nj.put('b')\nassert j",
        ("self.items.append(item)", "pass"),
    ),
    _claims(
        "truth",
        "def __bool__(self): return n > 0",
        "assert candidate(3)",
        ("return n > 0", "return n"),
        ("return n > 0", "return 'yes'"),
        ("return n > 0", "raise ValueError(n)"),
        ("return n > 0", "return n < 0"),
    ),
    _claims(
        "length-as-truth",
        "def __len__(self): return n",
        "assert candidate(3)",
        ("return n", "return -n"),
        ("return n", "return 'ab'"),
        ("return n", "raise KeyError(n)"),
    ),
    _claims(
        "iterable",
        "def __iter__(self): return iter('')",
        _ABC + "assert isinstance(candidate(3), Iterable)",
        ("__iter__", "__items__"),
        ("__iter__", "__getitem__"),
    ),
    _claims(
        "iterator",
        "def __iter__(self): return self\n        def __next__(self): return n",
        _ABC + "assert isinstance(candidate(3), Iterator)",
        ("__next__", "__after__"),
        ("def __iter__(self): return self\n        ", ""),
    ),
    _claims(
        "sized",
        "def __len__(self): return n",
        _ABC + "assert isinstance(candidate(3), Sized)",
        ("__len__", "__size__"),
    ),
    _claims(
        "length-by-name",
        "def __len__(self): return n",
        "assert hasattr(candidate(3), '__len__')",
        ("__len__", "__size__"),
    ),
    _claims(
        "container",
        "def __contains__(self, x): return True",
        _ABC + "assert isinstance(candidate(3), Container)",
        ("__contains__", "__holds__"),
    ),
    _claims(
        "hashable",
        "def __hash__(self): return n",
        _ABC + "assert isinstance(candidate(3), Hashable)",
        ("def __hash__(self): return n", "__hash__ = None"),
        ("def __hash__(self): return n", "def __eq__(self, other): return True"),
    ),
    _claims(
        "hash",
        "def __hash__(self): return n",
        "assert hash(candidate(3)) == 3",
        ("return n", "return n + 1"),
        ("return n", "return 'n'"),
    ),
    _claims(
        "call",
        "def __call__(self): return n",
        "assert callable(candidate(3))",
        ("__call__", "__run__"),
    ),
    _claims(
        "subscript",
        "def __getitem__(self, key): return n",
        "assert hasattr(candidate(3), '__getitem__')",
        ("__getitem__", "__item__"),
    ),
    _claims(
        "context",
        "def __enter__(self): return self\n        def __exit__(self, *error): return True",
        "with candidate(3):\n    pass",
        ("__exit__", "__leave__"),
        ("__enter__", "__come__"),
    ),
    _claims(
        "awaitable",
        "def __await__(self): return iter(())",
        _ABC + "assert isinstance(candidate(3), Awaitable)",
        ("__await__", "__wait__"),
    ),
    _claims(
        "order",
        "def __lt__(self, other): return id(self) < 0",
        "candidate(3) < candidate(4)",
        ("__lt__", "__less__"),
    ),
    _claims(
        "sum",
        "def __add__(self, other): return n + 1",
        "assert candidate(3) + 1 == 4",
        ("__add__", "__plus__"),
        ("__add__", "__radd__"),
    ),
    _claims(
        "no-order",
        "pass",
        _refused("candidate(3) < candidate(4)"),
        ("pass", "def __lt__(self, other): return True"),
        ("pass", "def __gt__(self, other): return True"),
    ),
    _claims(
        "no-length",
        "pass",
        _refused("len(candidate(3))"),
        ("pass", "def __len__(self): return n"),
    ),
    _claims(
        "no-items",
        "pass",
        _refused("candidate(3)[0] = 1"),
        ("pass", "def __setitem__(self, key, value): pass"),
    ),
    _claims(
        "no-call",
        "pass",
        _refused("candidate(3)()"),
        ("pass", "def __call__(self): pass"),
    ),
    _claims(
        "equality-that-fails",
        "def __eq__(self, other): return other == n",
        "assert candidate(3) == 3",
        ("return other == n", "raise ValueError(n)"),
        ("return other == n", "return NotImplemented"),
        ("return other == n", "return other != n"),
    ),
    _claims(
        "text",
        "def __str__(self): return f'thing {n}'",
        "assert str(candidate(3)) == 'thing 3'",
        ("return f'thing {n}'", "return n"),
        ("__str__", "__text__"),
    ),
)
