"""The spans of a problem, by OpenTelemetry's conventions for generative AI.

`invoke_agent codeloop` spans the problem. Below it are the steps of the loop, and below each step
its calls of the model: `chat MODEL`. The hidden tests' verdicts are events of the outermost span.

Version 1.41.0 of the conventions, the last before they got a repository of their own:
https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai. They have no names
for our steps and counts; these begin with `codeloop.`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.semconv.schemas import Schemas
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from agent import AgentError, Call, Report, Timing, Trace, __version__

AGENT = "codeloop"
SCOPE = InstrumentationScope(AGENT, __version__, Schemas.V1_41_0.value)
RESOURCE = Resource({"service.name": AGENT, "service.version": __version__})
_OPERATIONS = {"chat": "chat", "completions": "text_completion"}
_PROVIDERS = {"served": "openai"}
"""Providers by kind of model: a server is known by its protocol; the others are named as here."""
Attributes = dict[str, Any]


class SpanTree:
    """The spans of one trace. Their ids are derived from the problem, its start and their order."""

    def __init__(self, task: str, start: float) -> None:
        self._seed = f"{task} {start}"
        self.spans: list[ReadableSpan] = []

    def add(
        self,
        name: str,
        time: Timing,
        attributes: Attributes,
        parent: ReadableSpan | None = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        events: Sequence[Event] = (),
    ) -> ReadableSpan:
        """Add a span and return it."""
        trace_id = _number(self._seed, 16)
        span_id = _number(f"{self._seed} {len(self.spans)}", 8)
        span = ReadableSpan(
            name,
            SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1)),
            parent.get_span_context() if parent else None,
            RESOURCE,
            attributes,
            events,
            kind=kind,
            start_time=_nanoseconds(time.start),
            end_time=_nanoseconds(time.end),
            instrumentation_scope=SCOPE,
        )
        self.spans.append(span)
        return span


def spans_of(trace: Trace, report: Report | None) -> list[ReadableSpan]:
    """Return the spans of a problem, the outermost first. Raises AgentError without times."""
    task, timeline = trace.problem.task_id, trace.timeline
    if not timeline:
        raise AgentError(f"{task}: its trace has no times, since a former version wrote it")
    kind, _, name = (report.model if report else "unknown").partition("#")[0].partition("/")
    model = {"gen_ai.request.model": name or kind}
    provider = {"gen_ai.provider.name": _PROVIDERS.get(kind, kind)}
    start, end = min(time.start for time in timeline), max(time.end for time in timeline)
    whole = Timing(name=AGENT, start=start, seconds=end - start)
    tree = SpanTree(task, start)
    verdicts = [*_verdicts(trace, end)]
    root = tree.add(f"invoke_agent {AGENT}", whole, _agent(trace) | model, events=verdicts)
    steps = [(time, tree.add(time.name, time, {}, root)) for time in timeline if time.call is None]
    for time in timeline:
        if time.call is not None:
            call = trace.calls[time.call]
            begun = [s for one, s in steps if one.name == call.node and one.start <= time.start]
            operation, parent = _OPERATIONS[call.sampling.endpoint], begun[-1] if begun else root
            attributes = {"gen_ai.operation.name": operation} | provider | model | _call(call)
            title = f"{operation} {name or kind}"
            tree.add(title, time, attributes, parent, kind=SpanKind.CLIENT)
    return tree.spans


def _agent(trace: Trace) -> Attributes:
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": AGENT,
        "gen_ai.agent.version": __version__,
        "gen_ai.input.messages": _messages([("user", trace.problem.prompt)]),
        "gen_ai.output.messages": _messages([("assistant", trace.answer)], ["stop"]),
        "gen_ai.usage.input_tokens": trace.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": trace.usage.completion_tokens,
        "codeloop.task_id": trace.problem.task_id,
        "codeloop.stopped": trace.stopped,
        "codeloop.rounds": trace.rounds,
        "codeloop.candidates": len(trace.candidates),
        "codeloop.executions": trace.executions,
        "codeloop.selector": trace.choice.selector,
        "codeloop.selection.reasons": trace.choice.reasons,
    }


def _verdicts(trace: Trace, end: float) -> Iterator[Event]:
    if trace.score is None or not trace.is_judged:
        return
    for name, candidate in (("hidden_tests", trace.choice.candidate), ("single_shot", 0)):
        passed = trace.score.passed[candidate]
        attributes: Attributes = {
            "gen_ai.evaluation.name": name,
            "gen_ai.evaluation.score.value": float(passed),
            "gen_ai.evaluation.score.label": "pass" if passed else "fail",
            "gen_ai.evaluation.explanation": trace.score.outcomes[candidate],
        }
        yield Event("gen_ai.evaluation.result", attributes, _nanoseconds(end))


def _call(call: Call) -> Attributes:
    asked, answers = call.sampling, call.completions
    system = [_text(one.content) for one in call.messages if one.role == "system"]
    told = [(one.role, one.content) for one in call.messages if one.role != "system"]
    given = [("assistant", answer.text) for answer in answers]
    reasons = [answer.finish_reason for answer in answers]
    attributes = {
        "gen_ai.request.temperature": asked.temperature,
        "gen_ai.request.top_p": asked.top_p,
        "gen_ai.request.top_k": asked.top_k,
        "gen_ai.request.max_tokens": asked.max_tokens,
        "gen_ai.request.seed": asked.seed + call.first,
        "gen_ai.request.stop_sequences": asked.stop or None,
        "gen_ai.request.presence_penalty": asked.presence_penalty,
        "gen_ai.request.choice.count": len(answers) if len(answers) > 1 else None,
        "gen_ai.response.finish_reasons": reasons or None,
        "gen_ai.usage.input_tokens": call.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": call.usage.completion_tokens,
        "gen_ai.system_instructions": json.dumps(system) if system else None,
        "gen_ai.input.messages": _messages(told),
        "gen_ai.output.messages": _messages(given, reasons),
        "error.type": None if answers else "prompt_too_long",
        "codeloop.purpose": call.purpose,
        "codeloop.step": call.step or None,
        "codeloop.round": call.round,
        "codeloop.candidate": call.candidate,
        "codeloop.parent": call.parent,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _messages(turns: Sequence[tuple[str, str]], reasons: Sequence[str] = ()) -> str:
    """Return turns as the JSON of the conventions. Answers have the reason why they ended."""
    messages: list[Attributes] = [
        {"role": role, "parts": [_text(content)]} for role, content in turns
    ]
    for message, reason in zip(messages, reasons, strict=False):  # prompts have no reasons
        message["finish_reason"] = reason
    return json.dumps(messages)


def _text(content: str) -> dict[str, str]:
    return {"type": "text", "content": content}


def _number(seed: str, size: int) -> int:
    """Return a number of `size` bytes. It is not 0, which OpenTelemetry takes as no id."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:size], "big") or 1


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1_000_000) * 1000  # times are recorded in microseconds
