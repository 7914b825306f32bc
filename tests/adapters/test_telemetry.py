"""Traces: spans of requests, jobs, Stripe's answers and units of work, joined over the outbox; nothing personal is in one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.database import Database
from adapters.stripe.payments import StripePayments
from adapters.telemetry import Telemetry, tracing
from adapters.web.server import Server
from bot.errors import Later, PaymentsUnavailable
from bot.ports import Json
from bot.tracing import UNTRACED

SECRET = "ann@harbour.example, 12 Example Street"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def telemetry(exporter: InMemorySpanExporter) -> Iterator[Telemetry]:
    with Telemetry(exporter) as running:
        yield running


def _spans(telemetry: Telemetry, exporter: InMemorySpanExporter) -> Sequence[ReadableSpan]:
    telemetry.flush()
    return exporter.get_finished_spans()


async def test_a_job_goes_on_with_the_trace_of_the_request_that_ordered_it(
    tmp_path: Path, telemetry: Telemetry, exporter: InMemorySpanExporter
) -> None:
    """One trace holds the request, its unit of work, the job, and what that wrote; the handler sees its own payload."""
    seen: list[Json] = []
    async with await Database.open(f"sqlite:///{tmp_path / 'till.sqlite3'}", tracing=telemetry) as database:

        async def ordered(_: web.Request) -> web.Response:
            async with database.store.unit() as unit:
                await database.jobs.defer(unit, "tell", {"person": "slack:ann"})
            return web.Response()

        async def tell(payload: Json) -> None:
            seen.append(payload)
            async with database.store.unit() as unit:
                await unit.facts.put("told", "yes")

        async def ready() -> tuple[bool, Json]:
            return True, {}

        database.jobs.handle("tell", tell)
        server = Server([[web.post("/orders/{token}", ordered)]], ready=ready, port=0, tracing=telemetry)
        await server.start()
        async with ClientSession() as browser, browser.post(f"{server.address}/orders/s3cret") as response:
            assert response.status == 200
        await server.stop()
        await database.jobs.drain()
    spans = {span.name: span for span in _spans(telemetry, exporter)}
    request, job = spans["POST /orders/{token}"], spans["job tell"]
    assert seen == [{"person": "slack:ann"}]
    assert request.context is not None
    assert job.parent is not None
    assert job.parent.trace_id == request.context.trace_id
    assert len([span for span in exporter.get_finished_spans() if span.name == "unit of work"]) >= 2
    assert "s3cret" not in str([span.to_json() for span in exporter.get_finished_spans()])


async def test_what_failed_is_named_by_its_class_alone(
    tmp_path: Path, telemetry: Telemetry, exporter: InMemorySpanExporter
) -> None:
    """An error's text may hold what a person typed: no span does. A job that asked for a later time has not failed."""

    async def fail(_: Json) -> None:
        raise ValueError(SECRET)

    async with await Database.open(f"sqlite:///{tmp_path / 'till.sqlite3'}", tracing=telemetry) as database:

        async def wait(_: Json) -> None:
            async with database.store.reading() as unit:
                raise Later(unit.now.replace(year=unit.now.year + 1))

        database.jobs.handle("fail", fail)
        database.jobs.handle("wait", wait)
        async with database.store.unit() as unit:
            await database.jobs.defer(unit, "fail", {"to": SECRET})
            await database.jobs.defer(unit, "wait", {})
        await database.jobs.drain()
    spans = {span.name: span for span in _spans(telemetry, exporter)}
    assert (spans["job fail"].attributes or {})["error.type"] == "ValueError"
    assert not spans["job fail"].status.is_ok
    assert "error.type" not in (spans["job wait"].attributes or {})
    assert SECRET not in str([span.to_json() for span in spans.values()])


async def test_stripes_answers_are_timed(telemetry: Telemetry, exporter: InMemorySpanExporter) -> None:
    """A request to Stripe is a span, also one that was never answered."""
    payments = StripePayments(account="", key="sk_test_x", base="http://127.0.0.1:1", tracing=telemetry)
    with pytest.raises(PaymentsUnavailable):
        await payments.session("cs_test_none")
    await payments.aclose()
    (span,) = (span for span in _spans(telemetry, exporter) if span.name.startswith("stripe "))
    assert not span.status.is_ok


async def test_spans_reach_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OTEL_EXPORTER_OTLP_ENDPOINT says so, spans are sent by OTLP over HTTP, under the service's name."""
    got: list[bytes] = []

    async def collect(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.add_routes([web.post("/v1/traces", collect)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")

    def work() -> None:
        with tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}) as traced, traced.span("job tell"):
            assert traced.carried().startswith("00-")

    await asyncio.to_thread(work)
    await runner.cleanup()
    sent = ExportTraceServiceRequest.FromString(b"".join(got))
    (resource,) = sent.resource_spans
    assert ("service.name", "tillbot") in {(each.key, each.value.string_value) for each in resource.resource.attributes}
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == ["job tell"]


@pytest.mark.parametrize(
    "environ", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}]
)
def test_without_a_collector_nothing_is_made(environ: dict[str, str]) -> None:
    """No variable, or the standard's own switch: no spans."""
    with tracing(environ) as traced:
        assert traced is UNTRACED


def test_without_the_extra_nothing_is_imported_and_the_log_says_why() -> None:
    """A shop runs without OpenTelemetry; one that is told to trace without it says what to install, and runs."""
    code = (
        "import sys, logging; logging.basicConfig(); import bot.app.running; from adapters.telemetry import tracing\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')], 'imported'\n"
        "sys.modules['opentelemetry.exporter.otlp.proto.http.trace_exporter'] = None\n"
        "with tracing({'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:1'}) as traced: print(type(traced).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603
    assert done.stdout.strip() == "Untraced"
    assert "tillbot[otel] is not installed" in done.stderr
