"""What puts Tillbot on a server, read as far as it can be without Docker: images, units, wheels, alerts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml  # type: ignore[import-untyped]  # pre-commit brings it

from config.initial import write_initial
from config.secrets import NAMES

ROOT = Path(__file__).parent.parent


def _read(name: str) -> dict[str, Any]:
    read = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return _read("compose.yaml")


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


@pytest.mark.parametrize("name", ["compose.yaml", "compose.sqlite.yaml"])
def test_everything_that_is_named_is_there(name: str) -> None:
    """Services, volumes, configs and networks that a service names are declared, and nothing is declared for nobody."""
    compose = _read(name)
    services = compose["services"]
    named: dict[str, set[str]] = {"volumes": set(), "configs": set(), "networks": set()}
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        named["networks"] |= set(service["networks"])
        named["configs"] |= {config["source"] for config in service.get("configs", ())}
        mounts = {mount.partition(":")[0] for mount in service.get("volumes", ())}
        named["volumes"] |= {mount for mount in mounts if not mount.startswith(".")}
    assert {kind: set(compose[kind]) for kind in named} == named


@pytest.mark.parametrize(("name", "till"), [("compose.yaml", "till-1"), ("compose.sqlite.yaml", "till")])
def test_the_till_writes_to_its_orders_alone(name: str, till: str) -> None:
    """The root file system is read-only, no right is left, and what a file of SQLite's needs is a volume."""
    service = _read(name)["services"][till]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - in the container
    writable = [mount for mount in service["volumes"] if not mount.endswith(":ro")]
    database = str(service["environment"]["DATABASE_URL"])
    assert writable == (["orders:/shop/var"] if database == "sqlite:///var/tillbot.sqlite3" else [])


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


def test_the_wheel_has_everything_that_is_needed_to_run(tmp_path: Path) -> None:
    """What `uv tool install` gets has every file of the four packages: locales, pages, scripts, migrations, samples."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    files = {
        str(path.relative_to(ROOT))
        for package in ("bot", "adapters", "commands", "config")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= inside
    assert not {name for name in inside if name.startswith("tests/")}


def test_the_bill_of_materials_names_what_is_installed() -> None:
    """The command of the operations page writes CycloneDX with every package that Tillbot asks for, and none of the tests'."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^    (uv export .*cyclonedx.*)$", page, re.MULTILINE)
    done = subprocess.run(  # noqa: S603 - a command of our own page
        [*command.replace(" --output-file sbom.cdx.json", "").split(), "--offline"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    bill = json.loads(done.stdout)
    named = {part["name"] for part in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["otel"]]
    assert bill["bomFormat"] == "CycloneDX"
    assert {re.split(r"[\[>=<]", each)[0].lower().replace(".", "-") for each in asked} <= named | {"discord-py"}
    assert "pytest" not in named


def test_the_unit_confines_the_shop() -> None:
    """The systemd unit starts what the wheel brings, gives time to end jobs, and leaves one folder to write to."""
    unit = ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # as the standard library's page says to
    unit.read(ROOT / "docs" / "tillbot.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/tillbot run --config /etc/tillbot/shop.toml")
    assert service["ExecStartPre"].endswith("/tillbot check /etc/tillbot/shop.toml")
    assert int(service["TimeoutStopSec"]) > 10  # Patience.grace
    assert (service["ProtectSystem"], service["StateDirectory"]) == ("strict", "tillbot")
    assert (service["DynamicUser"], service["CapabilityBoundingSet"]) == ("yes", "")


def _metrics() -> set[str]:
    """Give the names that /metrics shows, as Prometheus knows them."""
    source = "".join(
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("bot/app/measuring.py", "bot/app/measuring_endings.py", "adapters/web/metrics.py")
    )
    names = set(re.findall(r'"(tillbot_\w+)"', source))
    counters = {f"{name}_total" for name in names if name == "tillbot_http_requests"}
    return (names - {"tillbot_http_requests"}) | counters


def test_every_alert_is_of_metrics_that_there_are_and_is_explained() -> None:
    """A rule speaks of nothing that is not measured, and the operations page says what each means and what to do."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (group,) = _read("docs/alerts.yaml")["groups"]
    assert {rule["labels"]["severity"] for rule in group["rules"]} == {"page", "ticket"}
    for rule in group["rules"]:
        for name in re.findall(r"tillbot_\w+", rule["expr"]):
            assert name.removesuffix("_bucket") in _metrics(), (rule["alert"], name)
    explained = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert explained == [rule["alert"] for rule in group["rules"]]
    assert set(re.findall(r"^\| `(tillbot_\w+)", page, re.MULTILINE)) == _metrics()


def test_every_secret_can_be_changed() -> None:
    """The operations page says of each secret that there is how it is changed."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    public = {"DISCORD_PUBLIC_KEY", "SLACK_CLIENT_ID"}
    assert [name for name in NAMES if f"`{name}`" not in page and name not in public] == []
