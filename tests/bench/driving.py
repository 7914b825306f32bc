"""HTTP requests from another process, so that a server's CPU is its own: what they took, and how long they waited."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Request:
    """One request, as it is sent."""

    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Driven:
    """What a load came to: microseconds of this process's CPU a request, milliseconds of waiting, and failures."""

    cpu: float
    p50: float
    p99: float
    failed: int


@asynccontextmanager
async def serving(*routes: web.RouteDef) -> AsyncIterator[str]:
    """Serve routes by bare aiohttp; gives the address."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def drive(address: str, requests: Sequence[Request], *, width: int = 8, warm: int = 20) -> Driven:
    """Have another process send the requests, so many at once; the first ones only warm up."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests.json"
        file.write_text(json.dumps([asdict(request) for request in requests]), encoding="utf-8")
        driver = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bench.driving", address, str(file), str(width), str(warm)),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        if driver.stdin is None or driver.stdout is None:
            raise RuntimeError("pipes were asked for")
        await driver.stdout.readline()  # it has warmed up
        begun = time.process_time()
        driver.stdin.write(b"go\n")
        answer = json.loads(await driver.stdout.readline())
        spent = time.process_time() - begun
        await driver.wait()
    waits = sorted(answer["waits"])
    return Driven(
        cpu=spent / len(waits) * 1e6,
        p50=statistics.median(waits) * 1e3,
        p99=waits[int(len(waits) * 0.99)] * 1e3,
        failed=answer["failed"],
    )


async def _send(address: str, requests: Sequence[Request], width: int, warm: int) -> None:
    waits: list[float] = []
    failed = 0
    connector, timeout = TCPConnector(limit=width), ClientTimeout(total=60)
    async with ClientSession(connector=connector, timeout=timeout) as browser:

        async def ask(request: Request) -> None:
            nonlocal failed
            begun = time.perf_counter()
            async with browser.request(
                request.method, address + request.path, data=request.body, headers=request.headers
            ) as response:
                await response.read()
                failed += response.status >= 400
            waits.append(time.perf_counter() - begun)

        async def some(queue: list[Request]) -> None:
            while queue:
                await ask(queue.pop())

        for request in requests[:warm]:
            await ask(request)
        waits.clear()
        failed = 0
        print("warm", flush=True)  # noqa: T201 - to the process that measures
        await asyncio.to_thread(sys.stdin.readline)
        queue = list(requests[warm:])
        await asyncio.gather(*(some(queue) for _ in range(width)))
    print(json.dumps({"waits": waits, "failed": failed}), flush=True)  # noqa: T201 - to the process that measures


if __name__ == "__main__":
    _, where, what, many, first = sys.argv
    sent = [Request(**each) for each in json.loads(Path(what).read_text(encoding="utf-8"))]
    asyncio.run(_send(where, sent, int(many), int(first)))
