"""Methods as entry points."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "methods as entry points",
        odd(
            "solution-method",
            """
class Solution:
    def rotate(self, items: list, k: int) -> list:
        '''Rotate to the right by k.'''
        ##
        k %= len(items)
        return items[-k:] + items[:-k] if k else items
""",
            """
assert candidate([1, 2, 3], 1) == [3, 1, 2] and candidate([1, 2], 4) == [1, 2]
""",
            ("k %= len(items)", "k %= len(items) + 1"),
            entry_point="Solution().rotate",
        ),
        odd(
            "solution-with-a-helper",
            """
class Solution:
    def isHappy(self, n: int) -> bool:
        '''Tell whether the sums of squared digits reach 1.'''
        ##
        seen = set()
        while n != 1 and n not in seen:
            seen.add(n)
            n = self._next(n)
        return n == 1

    def _next(self, n):
        return sum(int(digit) ** 2 for digit in str(n))
""",
            """
assert candidate(19) is True and candidate(2) is False
""",
            ("** 2", "** 3"),
            entry_point="Solution().isHappy",
        ),
        odd(
            "solution-of-an-open-prompt",
            """
from typing import List

class Solution:
    def pairs(self, values: List[int], goal: int) -> List[int]:
        ##
        at = {}
        for index, value in enumerate(values):
            if goal - value in at:
                return [at[goal - value], index]
            at[value] = index
""",
            """
assert candidate([2, 7, 11], 9) == [0, 1] and candidate([3, 3], 6) == [0, 1]
""",
            ("return [at[goal - value], index]", "return [index, at[goal - value]]"),
            entry_point="Solution().pairs",
        ),
        odd(
            "solution-with-nodes",
            """
class ListNode:
    def __init__(self, val=0, next=None):
        self.val = val
        self.next = next
class Solution:
    def drop(self, head, value):
        '''Remove all nodes with a value.'''
        ##
        start = at = ListNode(0, head)
        while at.next:
            if at.next.val == value:
                at.next = at.next.next
            else:
                at = at.next
        return start.next
""",
            """
a = candidate(ListNode(1, ListNode(1, ListNode(2))), 1)
assert a.val == 2 and a.next is None
b = ListNode(3, ListNode(4))
assert candidate(b, 4) is b and b.next is None
""",
            (
                "at.next = at.next.next\n            else:",
                "at.next = at.next.next\n            if 1:",
            ),
            entry_point="Solution().drop",
        ),
        odd(
            "solution-that-remembers",
            """
class Solution:
    def climb(self, n, known=None):
        '''Return the number of ways to climb n stairs.'''
        ##
        known = {} if known is None else known
        if n < 2:
            return 1
        if n not in known:
            known[n] = self.climb(n - 1, known) + self.climb(n - 2, known)
        return known[n]
""",
            """
assert [candidate(n) for n in (5, 3, 30)] == [8, 3, 1346269]
""",
            ("if n < 2:", "if n < 1:"),
            entry_point="Solution().climb",
        ),
        odd(
            "static-method",
            """
class Text:
    @staticmethod
    def squeeze(text):
        '''Replace each run of blanks by one.'''
        ##
        return ' '.join(text.split())
""",
            """
assert candidate('a  b   c') == 'a b c'
""",
            ("text.split()", "text.split('  ')"),
            entry_point="Text.squeeze",
        ),
        odd(
            "class-method",
            """
class Money:
    def __init__(self, cents):
        self.cents = cents
    @classmethod
    def parse(cls, text):
        '''Make an amount of a text such as 3.05.'''
        ##
        whole, _, part = text.partition('.')
        return cls(int(whole) * 100 + int(part.ljust(2, '0')))
""",
            """
assert candidate('3.05').cents == 305 and candidate('1.5').cents == 150
""",
            (".ljust(2, '0')", ""),
            entry_point="Money.parse",
        ),
        odd(
            "bound-method-under-a-name",
            """
def greet(name):
    '''Return a greeting.'''
    ##

class Greeter:
    def __init__(self, word):
        self.word = word
    def greet(self, name):
        return f'{self.word}, {name}'
greet = Greeter('Hello').greet
""",
            """
assert candidate('you') == 'Hello, you'
assert candidate.__self__.word == 'Hello'
assert candidate.__name__ == 'greet'
""",
            ("Greeter('Hello')", "Greeter('Hello,')"),
        ),
    ),
)
