"""Linked objects of classes that the prompt defines: lists, trees and graphs."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

LINK = """
class Link:
    def __init__(self, value, rest=None):
        self.value = value
        self.rest = rest
"""
TREE = """
class Tree:
    def __init__(self, key, left=None, right=None):
        self.key, self.left, self.right = key, left, right
"""

CASES = (
    *kind(
        "linked objects of the prompt's classes",
        odd(
            "links-added",
            LINK
            + """
def total(link):
    '''Add the values of a linked list.'''
    ##
    found = 0
    while link:
        found += link.value
        link = link.rest
    return found
""",
            """
assert candidate(Link(4, Link(5, Link(6)))) == 15 and candidate(None) == 0
""",
            ("while link:", "while link and link.rest:"),
        ),
        odd(
            "links-made",
            LINK
            + """
def chain(values):
    '''Make a linked list of the values.'''
    ##
    link = None
    for value in reversed(values):
        link = Link(value, link)
    return link
""",
            """
a = candidate('xyz')
assert isinstance(a, Link)
assert (a.value, a.rest.value, a.rest.rest.value) == ('x', 'y', 'z')
assert a.rest.rest.rest is None
""",
            ("reversed(values)", "values"),
        ),
        odd(
            "links-turned-in-place",
            LINK
            + """
def turn(link):
    '''Reverse a linked list in place and return its new head.'''
    ##
    before = None
    while link:
        link.rest, before, link = before, link, link.rest
    return before
""",
            """
c = Link(3)
b = Link(2, c)
a = Link(1, b)
assert candidate(a) is c and c.rest is b and b.rest is a and a.rest is None
""",
            ("link.rest, before, link = before, link, link.rest", "before, link = link, link.rest"),
            (
                "link.rest, before, link = before, link, link.rest",
                "before, link = Link(link.value, before), link.rest",
            ),
        ),
        odd(
            "middle-of-links",
            LINK
            + """
def middle(link):
    '''Return the middle link itself.'''
    ##
    slow = fast = link
    while fast.rest and fast.rest.rest:
        slow, fast = slow.rest, fast.rest.rest
    return slow
""",
            """
b = Link(2, Link(3))
assert candidate(Link(1, b)) is b
""",
            ("return slow", "return Link(slow.value, slow.rest)"),
        ),
        odd(
            "links-in-a-circle",
            LINK
            + """
def circular(link):
    '''Tell whether the links form a circle.'''
    ##
    seen = set()
    while link and id(link) not in seen:
        seen.add(id(link))
        link = link.rest
    return link is not None
""",
            """
a = Link(1, Link(1, Link(1)))
assert candidate(a) is False
a.rest.rest.rest = a.rest
assert candidate(a) is True
""",
            ("id(link) not in seen", "len(seen) < 2"),
        ),
        odd(
            "tree-mirrored",
            TREE
            + """
def mirror(tree):
    '''Swap the sides of every node in place and return the tree.'''
    ##
    if tree is not None:
        tree.left, tree.right = mirror(tree.right), mirror(tree.left)
    return tree
""",
            """
t = Tree(1, Tree(2, Tree(3)), Tree(4))
m = candidate(t)
assert m is t and m.left.key == 4 and m.right.key == 2
assert m.right.left is None and m.right.right.key == 3
""",
            ("mirror(tree.right), mirror(tree.left)", "tree.right, tree.left"),
        ),
        odd(
            "tree-walked",
            TREE
            + """
def keys(tree):
    '''Yield the keys in order.'''
    ##
    if tree:
        yield from keys(tree.left)
        yield tree.key
        yield from keys(tree.right)
""",
            """
assert list(candidate(Tree(5, Tree(2, None, Tree(4)), Tree(8)))) == [2, 4, 5, 8]
""",
            ("yield from keys(tree.right)", "yield from keys(tree and None)"),
        ),
        odd(
            "tree-of-a-list",
            TREE
            + """
def grow(keys):
    '''Return a search tree with the keys, inserted in their order.'''
    ##
    root = None
    for key in keys:
        node = Tree(key)
        if root is None:
            root = node
            continue
        at = root
        while True:
            side = 'left' if key < at.key else 'right'
            if getattr(at, side) is None:
                setattr(at, side, node)
                break
            at = getattr(at, side)
    return root
""",
            """
t = candidate([3, 1, 2, 7])
assert t.key == 3 and t.left.key == 1
assert t.left.right.key == 2 and t.right.key == 7
""",
            ("if key < at.key", "if key > at.key"),
        ),
        odd(
            "graph-copied",
            """
class Vertex:
    def __init__(self, name):
        self.name = name
        self.near = []

def clone(vertex, made=None):
    '''Return a copy of all that can be reached from a vertex.'''
    ##
    made = {} if made is None else made
    if vertex.name not in made:
        copy = made[vertex.name] = Vertex(vertex.name)
        copy.near = [clone(other, made) for other in vertex.near]
    return made[vertex.name]
""",
            """
a, b = Vertex('a'), Vertex('b')
a.near.append(b)
b.near += [a, b]
c = candidate(a)
assert c is not a and c.name == 'a' and c.near[0].name == 'b'
assert c.near[0] is not b and c.near[0].near[0] is c
""",
            ("[clone(other, made) for other in vertex.near]", "list(vertex.near)"),
            ("copy = made[vertex.name] = Vertex(vertex.name)", "return vertex"),
        ),
        odd(
            "one-object-twice",
            """
class Cell:
    def __init__(self):
        self.marks = 0

def row(n):
    '''Return n references to one cell.'''
    ##
    return [Cell()] * n
""",
            """
r = candidate(3)
r[0].marks += 1
assert [c.marks for c in r] == [1, 1, 1]
""",
            ("[Cell()] * n", "[Cell() for _ in range(n)]"),
        ),
        odd(
            "objects-of-their-own",
            """
class Cell:
    def __init__(self):
        self.marks = 0

def cells(n):
    '''Return n different cells.'''
    ##
    return [Cell() for _ in range(n)]
""",
            """
r = candidate(3)
r[0].marks += 1
assert [c.marks for c in r] == [1, 0, 0]
""",
            ("[Cell() for _ in range(n)]", "[Cell()] * n"),
        ),
    ),
)
