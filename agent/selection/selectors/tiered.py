"""The default chain: docstring examples as a hard filter, then four selectors to break ties.

The author of the problem wrote the docstring examples, so they are not votes among others: only
candidates that pass the most of them remain. Among these, agreement on generated inputs decides,
then on edge inputs, then B4 on the generated tests, then MBR on the inputs of both, with the mean
log-probability in ties. Agreement comes before B4, since the behaviour of programs is better
evidence than tests that a model wrote about it. Edge inputs come after the others, since some of
them are not valid inputs. Length is not used, since its effect differs from model to model
(measured: experiments/LOG.md).
"""

from __future__ import annotations

from agent.selection import Chain
from agent.selection.selectors import agreement, b4, docstring, edges, mbr

rank = Chain((docstring, agreement, edges, b4, mbr)).rank
