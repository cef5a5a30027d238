"""A whole portal as `manage.py serve` runs it, and the demo's data that all portals of one run of the tests begin with."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# What a portal keeps, without what only a running one needs; the queue is not taken along, so nobody wakes its jobs.
KEPT = ("postgres", "files", "signing")
# The first start of all migrates and tells the demo's stories: a minute and a half, many times that on a busy machine.
START_SECONDS, FIRST_START_SECONDS = 300, 1200
# One document of each kind is there, as after a while; the others wait: setting some eighty in type would take the
# machine from those who walk through the portal. What people do themselves is woken and done at once, as ever.
SETTLE = """
from datetime import timedelta
from django.utils import timezone
from portal import jobs
from portal.models import OutboxJob

waiting = OutboxJob.objects.filter(state="pending")
for name in waiting.order_by().values_list("name", flat=True).distinct():
    jobs.run(waiting.filter(name=name).latest("pk").pk)
waiting.update(created_at=timezone.now() + timedelta(days=1))
"""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Portal:
    """`manage.py serve` with its own data: web server, worker, timer, PostgreSQL, Redis, demo data."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var, self.port = var, free_port()
        kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "PORTAL_DEMO"}}
        self.environment = kept | {"PORT": str(self.port), "PORTAL_VAR": str(var), "DEBUG": "1"} | environment
        self.url = f"http://127.0.0.1:{self.port}"
        self.printed: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed.append(line)
            if "平台已就绪" in line:
                self._ready.set()
        self._ready.set()

    def wait(self, seconds: int = START_SECONDS) -> None:
        """Until it answers; fails with what it printed."""
        assert self._ready.wait(seconds), "".join([*self.printed, f"not ready after {seconds} s"])
        assert self.process.poll() is None, "".join(self.printed)

    def accounts(self) -> dict[str, tuple[str, str]]:
        """The printed table of demo accounts: login name to (password, whole line)."""
        return accounts_in(self.printed)

    def command(self, *words: str) -> str:
        """A command beside the running portal, as an officer would type it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_daily(self, day: date) -> dict[str, Any]:
        """Move the demo's date and do the daily work of the days in between."""
        report: dict[str, Any] = json.loads(self.command("run_daily", "--on", day.isoformat()))
        return report

    def today(self) -> date:
        """Where the portal's date stands."""
        return date.fromisoformat(json.loads(self.command("run_daily", "--dry-run"))["on"])

    def end(self, number: signal.Signals = signal.SIGINT) -> str:
        """Ask it to stop, wait until everything is down, and give all that it printed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(10)
        return "".join(self.printed)


def accounts_in(printed: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The table of demo accounts out of what a portal printed."""
    rows = [line.split() for line in printed]
    return {row[0]: (row[1], " ".join(row)) for row in rows if len(row) >= 4 and row[0].isascii() and row[0].isalnum()}


class FirstStart:
    """The data of a portal that was started on nothing, as a newcomer starts it, and stopped; each run of the tests has one.

    The processes that share a run share it: whoever comes first makes it while the others wait.
    """

    def __init__(self, folder: Path) -> None:
        self.var, self._printed = folder / "var", folder / "printed.json"
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._printed.exists():
                self._printed.write_text(json.dumps(self._make()))
        self.printed: list[str] = json.loads(self._printed.read_text())

    def _make(self) -> list[str]:
        portal = Portal(self.var)
        try:
            portal.wait(FIRST_START_SECONDS)
        except AssertionError:
            return portal.printed  # said by everybody who wanted to begin with it, and not tried again by each
        finally:
            portal.end()
        portal.printed.append(portal.command("shell", "--verbosity", "0", "--command", SETTLE))
        return portal.printed

    @property
    def succeeded(self) -> bool:
        """Whether the portal came as far as being ready."""
        return any("平台已就绪" in line for line in self.printed)

    def copy_to(self, var: Path) -> None:
        """Let a portal of these data be started in another folder."""
        assert self.succeeded, "".join(self.printed)
        var.mkdir(parents=True, exist_ok=True)
        # The database belongs to an account of its own where root runs the tests; cp keeps that.
        subprocess.run(["cp", "-a", *(str(self.var / name) for name in KEPT), str(var)], check=True)
