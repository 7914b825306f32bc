"""A process that has loaded everything and begun nothing, and has a child for each task: `python -m tests.crash.nursery`.

It reads a task a line from its input, as JSON, and says a line when that child has ended: 0, or -9. A task that is to be
played `here` warms the nursery itself, so that its children find everything loaded. It forks while no loop runs and no
thread is there but its own: a child inherits nothing that runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from tests.crash.instants import Instants
from tests.crash.plants import PLANTS
from tests.crash.scenes import SCENES, stage


async def play(task: dict[str, Any]) -> None:
    """Play a part of a scene."""
    scene, part, folder = SCENES[task["scene"]], task["part"], Path(task["folder"])
    async with stage(folder, task["stripe"]) as on:
        match part:
            case "before":
                await scene.before(on)
            case "meanwhile" if scene.meanwhile:
                await scene.meanwhile(on)
            case "work":
                instants = Instants(task["last"], every=task["every"])
                await instants.count(await scene.work(on))
                (folder / "passed").write_text(str(instants.passed))
            case "go on":
                await scene.again(on)
                await on.go_on()


def child(task: dict[str, Any]) -> int:
    """Be the child, or for once the nursery."""
    try:
        for plant in task["plants"]:
            PLANTS[plant]()
        asyncio.run(play(task))
    except BaseException:  # noqa: BLE001 - whatever it was, the parent's loop must not go on in here
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Have a child for each line."""
    for line in sys.stdin:
        task = json.loads(line)
        if task["here"]:
            sys.stdout.write(f"{child(task)}\n")
            sys.stdout.flush()
            continue
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join()  # that of a connection that was closed
        pid = os.fork()
        if pid == 0:
            os._exit(child(task))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
