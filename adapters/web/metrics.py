"""What Prometheus is told: requests counted by route, and gauges that are read at the moment of asking."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_log: Final = logging.getLogger(__name__)

#: Anything else is counted as "other", so that nobody can make up series.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: Label values to a number: {("paid",): 3}.
Reading = Mapping[tuple[str, ...], float]
Reader = Callable[[], Awaitable[Reading]]


@dataclass(frozen=True, slots=True)
class _Gauge:
    name: str
    says: str
    labels: tuple[str, ...]
    read: Reader


class Metrics:
    """A registry of its own: nothing is shared between two servers in one process."""

    content_type: Final = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "tillbot_http_requests", "HTTP requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "tillbot_http_seconds", "Seconds until the answer began to be sent.", ("route",), registry=self._registry
        )
        self._gauges: list[_Gauge] = []

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. `route` is a pattern ("/pay/{token}"), never a path."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def gauge(self, name: str, says: str, read: Reader, *, labels: Sequence[str] = ()) -> None:
        """Add a gauge whose values `read` gives whenever Prometheus asks; one that raises is logged and left out."""
        self._gauges.append(_Gauge(name, says, tuple(labels), read))

    async def page(self) -> bytes:
        """Write everything in Prometheus's text format."""
        readings = [(gauge, await self._read(gauge)) for gauge in self._gauges]
        now = CollectorRegistry()
        now.register(_Now([(gauge, reading) for gauge, reading in readings if reading is not None]))
        return generate_latest(self._registry) + generate_latest(now)

    async def _read(self, gauge: _Gauge) -> Reading | None:
        try:
            return await gauge.read()
        except Exception:  # noqa: BLE001 - one gauge must not take the others away
            _log.exception("gauge not read", extra={"gauge": gauge.name})
            return None


class _Now(Collector):
    """The gauges as they were read for one page."""

    def __init__(self, readings: Sequence[tuple[_Gauge, Reading]]) -> None:
        self._readings = readings

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for gauge, reading in self._readings:
            family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
            for labels, value in reading.items():
                family.add_metric(labels, value)
            yield family
