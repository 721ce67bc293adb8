"""The default: docstring examples as a hard filter, then whatever still tells candidates apart.

Examples in the docstring come from whoever posed the problem, so they are no votes among others:
only those that pass the most of them are left. Among these agreement on generated inputs decides,
then B4 on the generated tests, then MBR on the inputs of both, whose ties go to the mean
log-probability. What programs do says more than what a model wrote of what they should do, hence
agreement before B4; and length says nothing that holds from one model to the next, hence it is not
asked (measured: experiments/LOG.md).
"""

from __future__ import annotations

from agent.selection import Chain
from agent.selection.selectors import agreement, b4, docstring, mbr

rank = Chain((docstring, agreement, b4, mbr)).rank
