"""The house rules that a machine can hold: imports, packaging, folders, a light command line."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "adapters", "commands", "config")


def test_imports_point_inward() -> None:
    """Every contract of import-linter in pyproject.toml is kept."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_the_four_packages_are_one_installation() -> None:
    """The four top-level packages share a parent folder: no other distribution has taken one of the names."""
    parents = {Path(str(importlib.import_module(name).__file__)).parent.parent for name in PACKAGES}
    assert len(parents) == 1


def test_every_test_folder_is_a_package() -> None:
    """Every folder of tests has an __init__.py, without which `adapters` would mean tests/adapters."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_cold_check_loads_no_sdk() -> None:
    """`tillbot check` loads neither a server nor a database nor an SDK."""
    heavy = ["aiohttp", "sqlalchemy", "stripe", "slack_bolt", "slack_sdk", "discord", "babel"]
    code = (
        "import sys; from bot.cli import app; app(['check', 'config/shop.toml'], standalone_mode=False); "
        f"print(sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)  # noqa: S603
    assert done.stderr.strip() == "[]"
