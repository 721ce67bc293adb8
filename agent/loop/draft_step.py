"""The first programs of a problem: one request for all that are sampled, or a plan and a program
for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.answers import read_candidate
from agent.config import RunConfig
from agent.models.base import Model
from agent.prompts import stop_strings
from agent.prompts.drafts import messages_for_draft, messages_for_plan
from agent.support.concurrency import both, once_each
from agent.types import Call, Candidate, Completion, Message, Problem


async def run(
    problem: Problem, first: int, model: Model, config: RunConfig
) -> tuple[tuple[Candidate, ...], tuple[Call, ...]]:
    """Draw drafts from number `first` on: all of them, or only one if they are drawn singly.

    A greedy first draft takes a request of its own: servers refuse several answers to such a one.
    """
    settings, drawing = config.draft, _Drawing(problem, model, config)
    greedy = settings.greedy
    total = first + 1 if config.drafts_singly else settings.n
    draws = [drawing.draw(True, 0, 1)] if first < greedy else []
    if total > (begin := max(first, greedy)):
        draws.append(drawing.draw(False, begin - greedy, total - greedy))
    drawn = await both(*draws) if len(draws) == 2 else (await draws[0],)
    answers = (answer for found, _ in drawn for answer in found)
    candidates = tuple(
        read_candidate(problem, answer, number, origin="draft", extractor=config.model.extractor)
        for number, answer in enumerate(answers, first)
    )
    return candidates, tuple(call for _, calls in drawn for call in calls)


@dataclass(frozen=True)
class _Drawing:
    problem: Problem
    model: Model
    config: RunConfig

    async def draw(
        self, is_greedy: bool, begin: int, end: int
    ) -> tuple[Sequence[Completion], Sequence[Call]]:
        """Return the answers from number `begin` to `end`, and the calls that gave them."""
        told = self.config.model, self.config.draft.prompt
        if asked := messages_for_plan(self.problem, *told):
            return await self._planned(asked, is_greedy, begin, end)
        messages = messages_for_draft(self.problem, *told)
        call = _part(await self._ask("draft", messages, is_greedy, end), begin, end)
        return call.completions, (call,)

    async def _planned(
        self, asked: tuple[Message, ...], is_greedy: bool, begin: int, end: int
    ) -> tuple[Sequence[Completion], Sequence[Call]]:
        """Return a program for each plan, so that drafts do not depend on one another.

        Equal plans are one request for several programs. An answer's usage includes its plan.
        """
        plans = await self._ask("plan", asked, is_greedy, end)
        texts = [plan.text for plan in plans.completions]

        async def follow(plan: str) -> Call:
            told = self.config.model, self.config.draft.prompt
            messages = messages_for_draft(self.problem, *told, plan=plan)
            return await self._ask("draft", messages, is_greedy, texts.count(plan))

        programs = await once_each(texts[begin:], follow)
        calls, answers = [_part(plans, begin, end)], []
        for i in range(begin, end):
            earlier, plan = texts[:i].count(texts[i]), plans.completions[i]
            calls.append(call := _part(programs[texts[i]], earlier, earlier + 1))
            (answer,) = call.completions
            answers.append(answer.model_copy(update={"usage": plan.usage + answer.usage}))
        return answers, calls

    async def _ask(
        self, purpose: str, messages: tuple[Message, ...], is_greedy: bool, n: int
    ) -> Call:
        # The store gives the earlier answers again, so all draws belong to one request.
        config, stop = self.config, stop_strings(messages)
        sampling = config.sampling(0.0, stop) if is_greedy else config.sampling_of_drafts(stop)
        answers = tuple(await self.model.complete(messages, n, sampling))
        made = {"messages": messages, "sampling": sampling, "completions": answers}
        return Call(purpose=purpose, round=0, **made)


def _part(call: Call, begin: int, end: int) -> Call:
    """Return the call with only some of its answers."""
    return call.model_copy(update={"first": begin, "completions": call.completions[begin:end]})
