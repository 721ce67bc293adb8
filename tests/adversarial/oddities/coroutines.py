"""Asynchronous functions, generators and classes."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "asynchronous functions",
        odd(
            "gathered",
            """
import asyncio
async def fetch(n):
    '''Return n squared after a while.'''
    ##
    await asyncio.sleep(0.001 * (5 - n))
    return n * n
""",
            """
import asyncio
async def main():
    return await asyncio.gather(*map(candidate, range(5)))
assert asyncio.run(main()) == [0, 1, 4, 9, 16]
""",
            ("n * n", "n * n if n != 3 else 8"),
        ),
        odd(
            "really-concurrent",
            """
import asyncio
async def step(log, name):
    '''Log the start and, after the others started, the end.'''
    ##
    log.append(f'{name} starts')
    await asyncio.sleep(0)
    log.append(f'{name} ends')
""",
            """
import asyncio
log = []
async def main():
    await asyncio.gather(candidate(log, 'a'), candidate(log, 'b'))
asyncio.run(main())
assert log == ['a starts', 'b starts', 'a ends', 'b ends']
""",
            ("    await asyncio.sleep(0)\n", ""),
        ),
        odd(
            "cancelled-in-time",
            """
import asyncio
async def forever(log):
    '''Wait for ever; note the cancellation.'''
    ##
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        log.append('cancelled')
        raise
""",
            """
import asyncio
log = []
async def main():
    try:
        await asyncio.wait_for(candidate(log), 0.02)
    except asyncio.TimeoutError:
        return 'late'
assert asyncio.run(main()) == 'late' and log == ['cancelled']
""",
            ("log.append('cancelled')", "pass"),
            ("await asyncio.sleep(3600)", "return"),
        ),
        odd(
            "asynchronous-generator",
            """
async def ticks(n):
    '''Yield 0 to n - 1.'''
    ##
    for i in range(n):
        yield i
""",
            """
import asyncio, inspect
async def main():
    return [x async for x in candidate(3)]
assert asyncio.run(main()) == [0, 1, 2] and inspect.isasyncgenfunction(candidate)
""",
            ("range(n)", "range(n + 1)"),
        ),
        odd(
            "queue-of-the-test",
            """
import asyncio
async def consume(queue, out):
    '''Move items from the queue to the list until None comes.'''
    ##
    while (item := await queue.get()) is not None:
        out.append(item)
        queue.task_done()
""",
            """
import asyncio
out = []
async def main():
    q = asyncio.Queue()
    task = asyncio.ensure_future(candidate(q, out))
    for x in (1, 2):
        await q.put(x)
    await q.join()
    await q.put(None)
    await task
asyncio.run(main())
assert out == [1, 2]
""",
            ("out.append(item)", "out.insert(0, item)"),
        ),
        odd(
            "coroutine-function",
            """
async def echo(x):
    '''Return x.'''
    ##
    return x
""",
            """
import asyncio, inspect
assert inspect.iscoroutinefunction(candidate)
assert asyncio.run(candidate(5)) == 5
""",
            (
                "return x\n",
                "return x\n\n"
                "async def _echo(x):\n    return x\ndef echo(x):\n    return _echo(x)\n",
            ),
        ),
        odd(
            "asynchronous-context",
            """
class Session:
    '''An asynchronous context manager with a state.'''
    ##
    state = 'new'
    async def __aenter__(self):
        self.state = 'open'
        return self
    async def __aexit__(self, *error):
        self.state = 'closed'
""",
            """
import asyncio
s = candidate()
async def main():
    async with s as same:
        assert same is s and s.state == 'open'
assert s.state == 'new'
asyncio.run(main())
assert s.state == 'closed'
""",
            ("self.state = 'closed'", "pass"),
        ),
        odd(
            "asynchronous-iterator",
            """
class Letters:
    '''An asynchronous iterator of the letters of a text.'''
    ##
    def __init__(self, text):
        self.left = list(text)
    def __aiter__(self):
        return self
    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop(0)
""",
            """
import asyncio
async def main():
    found = ''
    async for c in candidate('abc'):
        found += c
    return found
assert asyncio.run(main()) == 'abc'
""",
            ("self.left.pop(0)", "self.left.pop()"),
        ),
        odd(
            "error-of-a-task",
            """
import asyncio
async def risky(x):
    '''Raise ZeroDivisionError for 0.'''
    ##
    await asyncio.sleep(0)
    return 1 / x
""",
            """
import asyncio
async def main():
    return await asyncio.gather(candidate(2), candidate(0), return_exceptions=True)
a, b = asyncio.run(main())
assert a == 0.5 and isinstance(b, ZeroDivisionError)
""",
            ("1 / x", "1 / x if x else None"),
        ),
        odd(
            "limited-concurrency",
            """
import asyncio
async def limited(jobs, most):
    '''Run the coroutine functions, at most `most` at once; return the results in order.'''
    ##
    gate = asyncio.Semaphore(most)
    async def one(job):
        async with gate:
            return await job()
    return await asyncio.gather(*(one(job) for job in jobs))
""",
            """
import asyncio
now = top = 0
def job(n):
    async def run():
        nonlocal now, top
        now += 1
        top = max(top, now)
        await asyncio.sleep(0.002)
        now -= 1
        return n
    return run
assert asyncio.run(candidate([job(n) for n in range(5)], 2)) == [0, 1, 2, 3, 4]
assert top == 2
""",
            ("async with gate:", "if gate:"),
            ("asyncio.Semaphore(most)", "asyncio.Semaphore(1)"),
        ),
    ),
)
