"""What puts Tillbot on a server, read as far as it can be without Docker: compose.yaml, the Dockerfile and what they name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # pre-commit brings it

from config.initial import write_initial

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_two_replicas_that_differ_in_nothing(compose: dict[str, Any]) -> None:
    """There are two replicas, built from this folder, on the same database and config, with time to end their jobs."""
    one, two = (compose["services"][name] for name in ("till-1", "till-2"))
    assert one == two
    assert one["build"] == "."
    assert re.fullmatch(r"postgresql://tillbot:\$\{POSTGRES_PASSWORD:\?[^}]+\}@postgres/tillbot", _url(one))
    assert one["volumes"] == ["./config:/shop/config:ro"]
    assert one["environment"]["TILLBOT_CONFIG"] == "/shop/config/shop.toml"
    assert int(one["stop_grace_period"].removesuffix("s")) > 10  # Patience.grace


def test_everything_that_is_named_is_there(compose: dict[str, Any]) -> None:
    """Services, volumes, configs and networks that a service names are declared, and nothing is declared for nobody."""
    services = compose["services"]
    named: dict[str, set[str]] = {"volumes": set(), "configs": set(), "networks": set()}
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        named["networks"] |= set(service["networks"])
        named["configs"] |= {config["source"] for config in service.get("configs", ())}
        mounts = {mount.partition(":")[0] for mount in service.get("volumes", ())}
        named["volumes"] |= {mount for mount in mounts if not mount.startswith(".")}
    assert {kind: set(compose[kind]) for kind in named} == named


def test_replicas_wait_for_the_database(compose: dict[str, Any]) -> None:
    """PostgreSQL says when it takes connections, and the replicas start then."""
    assert compose["services"]["till-1"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    database = compose["services"]["postgres"]
    assert {"pg_isready", "--host=127.0.0.1"} <= set(
        database["healthcheck"]["test"]
    )  # not the server of the first start
    assert database["environment"]["POSTGRES_DB"] == database["environment"]["POSTGRES_USER"] == "tillbot"


def test_the_proxy_asks_whether_orders_can_be_taken(compose: dict[str, Any], dockerfile: list[str]) -> None:
    """The proxy sends people to both replicas, at the port where they listen, and only while /readyz is well."""
    content = compose["configs"]["proxy"]["content"]
    command = next(line for line in dockerfile if line.startswith("CMD"))
    port = re.findall(r'"--port", "(\d+)"', command)[0]
    assert f"reverse_proxy till-1:{port} till-2:{port} {{" in content
    assert "health_uri /readyz" in content
    assert content.count("{") == content.count("}")
    assert "{$$TILL_HOST}" in content  # compose makes one dollar of two, and the proxy reads the name at its start
    assert f"EXPOSE {port}" in dockerfile


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    """Every password comes from .env, and starting without it is refused with the name of what is missing."""
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "://" in str(value):
                assert "${POSTGRES_PASSWORD:?" in value


def test_the_image_has_what_it_is_built_from(dockerfile: list[str]) -> None:
    """Everything that is copied into the image is there, and is not left out by .dockerignore."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        part for line in dockerfile if line.startswith("COPY") and "--from" not in line for part in line.split()[1:-1]
    }
    assert copied == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"bot", "adapters", "commands", "config", "uv.lock"} <= copied


def test_the_image_runs_without_rights(dockerfile: list[str]) -> None:
    """The last user of the image is not root, may write to one folder, and starts `tillbot run` where others reach it."""
    last = dockerfile[max(number for number, line in enumerate(dockerfile) if line.startswith("FROM")) :]
    assert [line for line in last if line.startswith("USER")] == ["USER tillbot"]
    assert 'ENTRYPOINT ["tillbot"]' in last
    assert any(line.startswith('CMD ["run", "--host", "0.0.0.0"') for line in last)


def test_init_writes_the_folder_that_is_mounted(tmp_path: Path) -> None:
    """The folder that compose.yaml mounts is the one that `tillbot init` writes."""
    write_initial(tmp_path / "config")
    assert (tmp_path / "config" / "shop.toml").is_file()


def _url(service: dict[str, Any]) -> str:
    return str(service["environment"]["DATABASE_URL"])
