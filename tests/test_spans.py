"""Spans: received over OTLP/HTTP and read from a file, parsed with the official protobufs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from agent.commands.export import main
from agent.extras.spans import spans_of
from agent.run import main as run_main
from agent.runner.folder import RunFolder
from agent.types import Trace
from tests.experiments.small_traces import One, trace_of
from tests.experiments.test_compare import folder
from tests.runner.test_run import dataset


class Collector(HTTPServer):
    """A receiver of OTLP/HTTP that answers each request with `code`."""

    code = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.requests: list[ExportTraceServiceRequest] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1/traces"


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/v1/traces"
        assert self.headers["Content-Type"] == "application/x-protobuf"
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(self.server.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server, ThreadPoolExecutor() as pool:
        serving = pool.submit(server.serve_forever, 0.01)
        yield server
        server.shutdown()
        serving.result()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the embedded model that drafts, repairs and is judged."""
    path = tmp_path_factory.mktemp("spans")
    words = ["--dataset", str(dataset(path)), "--store", str(path / "store.sqlite"), "--quiet"]
    words += ["--sandbox", "local", "--model", "embedded", "--rounds", "1", "--repair.patch", "off"]
    assert run_main([*words, "--out", str(path / "run")]) == 0
    return path / "run"


def attributes(found: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in found.attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, str(kind))


def spans(request: ExportTraceServiceRequest) -> list[Span]:
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    assert attributes(resource.resource)["service.name"] == "codeloop"
    assert scope.schema_url == "https://opentelemetry.io/schemas/1.41.0"
    return list(scope.spans)


def test_a_collector_gets_a_trace_per_problem(run: Path, collector: Collector) -> None:
    host = collector.url.removesuffix("/v1/traces")
    assert main([str(run), "--to", "otlp", "--out", host]) == 0
    traces = RunFolder.open(run).traces()
    assert len(collector.requests) == len(traces) > 2
    for request, trace in zip(collector.requests, traces, strict=True):
        check(spans(request), trace)
    assert any(call.round for trace in traces for call in trace.calls)  # or nothing was repaired


def check(found: list[Span], trace: Trace) -> None:
    root, *others = found
    about = attributes(root)
    assert (root.name, root.kind, root.parent_span_id) == (
        "invoke_agent codeloop",
        Span.SPAN_KIND_INTERNAL,
        b"",
    )
    assert about["codeloop.task_id"] == trace.problem.task_id
    assert about["gen_ai.operation.name"] == "invoke_agent"
    written = sum(call.usage.completion_tokens for call in trace.calls)
    assert about["gen_ai.usage.output_tokens"] == written
    answer = json.loads(about["gen_ai.output.messages"])
    assert answer[0]["parts"] == [{"type": "text", "content": trace.answer}]
    assert {span.trace_id for span in found} == {root.trace_id}
    assert len({span.span_id for span in found}) == len(found)

    steps = [span for span in others if span.kind == Span.SPAN_KIND_INTERNAL]
    assert {span.name for span in steps} == set(trace.step_seconds)
    assert {span.parent_span_id for span in steps} == {root.span_id}
    calls = [span for span in others if span.kind == Span.SPAN_KIND_CLIENT]
    by_id = {span.span_id: span for span in steps}
    assert len(calls) == len(trace.calls)
    for span, call in zip(calls, trace.calls, strict=True):
        parent, about = by_id[span.parent_span_id], attributes(span)
        step = "write_tests" if call.purpose == "tests" else "draft"
        assert parent.name == ("repair" if call.round else step)
        moment = 2_000  # the times of a trace are in microseconds
        assert parent.start_time_unix_nano <= span.start_time_unix_nano
        assert span.end_time_unix_nano <= parent.end_time_unix_nano + moment
        assert span.name == f"chat {about['gen_ai.request.model']}"
        assert about["gen_ai.provider.name"] == "embedded"
        assert about["gen_ai.usage.input_tokens"] == call.usage.prompt_tokens
        assert len(json.loads(about["gen_ai.output.messages"])) == len(call.completions)
        told = json.loads(about["gen_ai.input.messages"])
        assert told[-1]["parts"][0]["content"] == call.messages[-1].content
    for span in others:
        assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= root.end_time_unix_nano + 2_000

    verdicts = [attributes(event) for event in root.events]
    assert trace.score is not None
    assert [
        (v["gen_ai.evaluation.name"], v["gen_ai.evaluation.score.label"]) for v in verdicts
    ] == [
        ("hidden_tests", "pass" if trace.score.passed[trace.choice.candidate] else "fail"),
        ("single_shot", "pass" if trace.score.passed[0] else "fail"),
    ]


def test_a_file_has_the_same_spans_and_the_same_bytes_again(
    run: Path, collector: Collector, tmp_path: Path
) -> None:
    out, again = tmp_path / "spans.jsonl", tmp_path / "again.jsonl"
    for place in (out, again):
        assert main([str(run), "--to", "otlp", "--out", str(place)]) == 0
    assert out.read_bytes() == again.read_bytes()
    assert main([str(run), "--to", "otlp", "--out", collector.url]) == 0
    read = [parsed(line) for line in out.read_text().splitlines()]
    assert read == collector.requests


def parsed(line: str) -> ExportTraceServiceRequest:
    """Parse a line of OTLP JSON, which has ids in hexadecimal, unlike other protobufs' JSON."""
    values = json.loads(line)
    for span in values["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in {"traceId", "spanId", "parentSpanId"} & {*span}:
            span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return ParseDict(values, ExportTraceServiceRequest())


def test_a_collector_that_refuses_is_an_error_in_one_line(
    run: Path, collector: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    collector.code = 401
    assert main([str(run), "--to", "otlp", "--out", collector.url]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert collector.url in line
    assert "the spans of Own/0 were not taken" in line
    assert "401" in line


def test_bad_use_is_told_in_one_line(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = folder(tmp_path / "old", [trace_of(One(True, "+"), task="Own/1")])
    kept = tmp_path / "o.jsonl"
    kept.write_text("kept")
    assert main([str(old), "--to", "otlp", "--out", str(kept)]) == 2
    assert "Own/1: its trace has no times" in capsys.readouterr().err
    assert kept.read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []
    assert main([str(run), "--to", "csv", "--out", "http://127.0.0.1:1/"]) == 2
    assert "csv writes a file" in capsys.readouterr().err


def test_hostile_text_is_data(run: Path) -> None:
    (trace, *_) = RunFolder.open(run).traces()
    text = "\x00\x1b[31m\u202e</script>" + "x" * 1_000_000
    problem = trace.problem.model_copy(update={"prompt": text})
    root, *_ = spans_of(trace.model_copy(update={"problem": problem}), None)
    assert root.attributes is not None
    (message,) = json.loads(str(root.attributes["gen_ai.input.messages"]))
    assert message["parts"][0]["content"] == text
