"""OpenTelemetry spans by the GenAI conventions: a file of OTLP JSON, or requests to a collector.

A file has a line per problem, as the Collector's `otlpjsonfile` receiver reads it. A collector gets
a request per problem over OTLP/HTTP. OpenTelemetry's own exporters write and send them, so that
`OTEL_EXPORTER_OTLP_HEADERS` and their other variables apply. Needs the extra `otlp`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from agent import AgentError, Report, Trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

_LOGGER = "opentelemetry.exporter"
_PATH = "/v1/traces"


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write the spans to a file. Raises AgentError if the extra is not installed."""
    with _extra():
        from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
    with out.open("w", encoding="utf-8") as stream:
        _export(traces, report, FileSpanExporter(stream=stream), str(out))


def send(traces: Sequence[Trace], report: Report | None, url: str) -> None:
    """Send the spans to a collector, to the path `/v1/traces` if the URL has none.

    Raises AgentError if it does not take them.
    """
    with _extra():
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise AgentError(f"out: {url}: {error}") from None
    if parts.path in ("", "/"):
        url = urlunsplit(parts._replace(path=_PATH))
    exporter = OTLPSpanExporter(url)
    try:
        _export(traces, report, exporter, url)
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call] # the package says that it is typed


def _export(
    traces: Sequence[Trace], report: Report | None, exporter: SpanExporter, where: str
) -> None:
    from opentelemetry.sdk.trace.export import SpanExportResult

    from agent.extras.spans import spans_of

    with _said() as said:
        for trace in traces:
            if exporter.export(spans_of(trace, report)) is not SpanExportResult.SUCCESS:
                reason = said[0] if said else "no reason given"  # others tell of further attempts
                raise AgentError(
                    f"{where}: the spans of {trace.problem.task_id} were not taken: {reason}"
                )


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise AgentError(f"{error.name} is not installed: pip install 'codeloop[otlp]'") from None


@contextmanager
def _said() -> Iterator[list[str]]:
    """Collect the messages of OpenTelemetry's exporters, which log the reason of a failure."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, listener = logging.getLogger(_LOGGER), Listener(logging.WARNING)
    logger.addHandler(listener)
    try:
        yield said
    finally:
        logger.removeHandler(listener)
