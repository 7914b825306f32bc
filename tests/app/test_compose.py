"""What shows operators how the shop runs in containers names what there is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_image_is_made_of_what_the_package_is() -> None:
    """Every package and file that the build needs is copied in, and nothing runs as root."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"^COPY (\S+) \1$", text, re.MULTILINE))
    assert copied == {"bot", "adapters", "commands", "config"}
    assert re.search(r"^COPY pyproject.toml uv.lock README.md LICENSE ", text, re.MULTILINE)
    assert re.search(r"^USER tillbot$", text, re.MULTILINE)
    assert "/healthz" in text


def test_two_replicas_share_a_server_behind_a_proxy() -> None:
    """Two services of one kind, one database with a health check, and a proxy that knows both; no password is written."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    services = re.findall(
        r"^  ([a-z0-9-]+):", text.partition("\nservices:\n")[2].partition("\nvolumes:")[0], re.MULTILINE
    )
    assert services == ["database", "till-1", "till-2", "proxy"]
    assert re.findall(r"till-\d:8080", text) == ["till-1:8080", "till-2:8080"]
    assert "postgresql://tillbot@database/tillbot" in text
    assert "${POSTGRES_PASSWORD:?" in text
