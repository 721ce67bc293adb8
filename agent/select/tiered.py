"""The default: docstring examples as a hard filter, then whatever still tells candidates apart.

Examples in the docstring come from whoever posed the problem, so they are no votes among others:
only those that pass the most of them are left. Among these B4 on the generated tests, then
agreement on generated inputs, then log-probability, then length.
"""

from __future__ import annotations

from agent.select import Chain, agreement, b4, docstring, length, logprob

rank = Chain((docstring, b4, agreement, logprob, length)).rank
