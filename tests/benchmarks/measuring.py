"""Time and memory of a process with all its children, the machine it ran on, and the record of it."""

import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "docs" / "benchmarks.md"
_EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Run:
    """What one process took with its children: seconds from its start to its end, seconds of processor, and the most memory (RSS)
    at once, in MiB."""

    seconds: float
    cpu_seconds: float
    mib: float


def run(command: Sequence[str | Path], **environment: str) -> Run:
    """Run a command to its end. Raises RuntimeError with its words if it fails."""
    started = time.perf_counter()
    process = psutil.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    most, cpu = 0, dict[int, float]()
    while process.poll() is None:
        most = max(most, _looked_at(process, cpu))
        time.sleep(_EVERY_SECONDS)
    seconds = time.perf_counter() - started
    words = process.stderr.read().decode(errors="replace")
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(words)
    return Run(seconds, sum(cpu.values()), most / 2**20)


def _looked_at(process: psutil.Process, cpu: dict[int, float]) -> int:
    """The memory of a process and its children at this moment; what each of them has had of the processor goes to `cpu`."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += each.memory_info().rss
                times = each.cpu_times()
                cpu[each.pid] = times.user + times.system
    return total


def machine() -> str:
    """The machine in a line: processor, cores, memory, system, load."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine(),
    )  # fmt: skip
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{model}, {psutil.cpu_count()} cores, {memory:.0f} GiB, {system}, load {load:.1f} at the start"


def record(heading: str, text: str) -> None:
    """Put a section of docs/benchmarks.md in the place of the one with the same heading, or at the end."""
    whole = RECORD.read_text(encoding="utf-8")
    section = f"## {heading}\n\n{text.strip()}\n"
    old = re.compile(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    found = old.search(whole)
    if found:
        after = whole[found.end() :]
        whole = whole[: found.start()] + section + ("\n" + after if after else "")
    else:
        whole = whole.rstrip("\n") + "\n\n" + section
    RECORD.write_text(whole, encoding="utf-8")
