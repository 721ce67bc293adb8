"""One call shows the values of the variables along the failing call, block by block.

Source: Zhong et al., Debug like a Human: A Large Language Model Debugger via Verifying Runtime
Execution Step by Step (LDB, ACL 2024), and the in-execution self-debugging of Chen et al., Revisit
Self-Debugging with Self-Generated Tests (ACL 2025); both first ask about the blocks, which costs
one more call. Cost: one call and one execution. Given: the same as error_feedback, and at most 10
blocks of the first failing test, recorded in the sandbox.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_priority, single_turn
from agent.types import Completion

choose = by_priority


async def repair(case: Case, session: Session) -> Completion:
    """Trace the program on its first failing test, and show the trace."""
    return await session.write(await session.watch(case), single_turn("trace/fix"))
