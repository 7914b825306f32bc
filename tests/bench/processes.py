"""Other processes as the bench measures them: what they cost in CPU time, and what they say."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


def cpu(code: str, *words: str, compiled: Path) -> float:
    """Run a Python program, and give the seconds of CPU that it took, those of its start and its end with them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(code, words, {}, compiled)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def says(code: str, *words: str, environ: Mapping[str, str] | None = None, compiled: Path) -> Any:
    """Run a Python program, and give what its last line says, which is JSON."""
    return json.loads(_run(code, words, environ or {}, compiled).splitlines()[-1])


def spent(pid: int) -> float:
    """Give the seconds of CPU that a running process has spent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _run(code: str, words: tuple[str, ...], more: Mapping[str, str], compiled: Path) -> str:
    """Run it with modules that were compiled before, as installed ones are: `compiled` is the folder where they are kept."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TILLBOT"))}
    environ |= {"PYTHONPYCACHEPREFIX": str(compiled), "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


#: Gives the resident set of the process that says it, in megabytes: what the kernel counts, shared pages with it.
RSS: Final = """
def rss():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
"""
