"""Spans sent by OpenTelemetry (`tillbot[otel]`), to where the standard variables say.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from bot.tracing import UNTRACED, Tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_log: Final = logging.getLogger(__name__)

#: What switches it on: where an OTLP collector listens, over HTTP.
_SWITCHES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Telemetry:
    """Makes spans with the SDK, and hands them to an exporter in batches, from a thread of its own."""

    def __init__(self, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what is said here.
        self._provider: TracerProvider = TracerProvider(resource=Resource({"service.name": "tillbot"}).merge(_named()))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tillbot")
        self._carrier = TraceContextTextMapPropagator()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._provider.shutdown()

    @contextmanager
    def span(self, name: str, *, parent: str = "", **attributes: str | int) -> Iterator[None]:
        """Time a block."""
        from opentelemetry.trace import Status, StatusCode

        context = self._carrier.extract({"traceparent": parent}) if parent else None
        # What an exception says may hold what a person typed: its class is told, and no text of it.
        with self._tracer.start_as_current_span(
            name, context, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR))
                span.set_attribute("error.type", type(error).__qualname__)
                raise

    def carried(self) -> str:
        """Give the running span's traceparent."""
        carrier: dict[str, str] = {}
        self._carrier.inject(carrier)
        return carrier.get("traceparent", "")

    def flush(self) -> None:
        """Hand over what waits to be sent."""
        self._provider.force_flush()


@contextmanager
def tracing(environ: Mapping[str, str]) -> Iterator[Tracing]:
    """Send spans while the block runs, if the environment says where to; else nothing of the SDK is imported."""
    if not any(environ.get(name) for name in _SWITCHES) or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield UNTRACED
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        telemetry = Telemetry(OTLPSpanExporter())
    except ImportError:
        _log.warning("no traces: OTEL_EXPORTER_OTLP_ENDPOINT is set, and tillbot[otel] is not installed")
        yield UNTRACED
        return
    with telemetry:
        yield telemetry


def _named() -> Resource:
    from opentelemetry.sdk.resources import OTELResourceDetector

    return OTELResourceDetector().detect()
