"""1,000 applications are divided among 200 experts within a minute."""

import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.experts import APPLICATIONS, EXPERTS
from tests.benchmarks.measuring import ROOT, machine, record, run

RUNS = 3
MOST_SECONDS = 60


@pytest.mark.benchmark
@pytest.mark.article("8(3)")
def test_a_thousand_applications_and_two_hundred_experts_within_a_minute() -> None:
    where = machine()
    runs = [
        run([sys.executable, "-m", "tests.benchmarks.experts"], DEBUG="1", DJANGO_SETTINGS_MODULE="portal.settings")
        for _number in range(RUNS)
    ]
    seconds = sorted(one.seconds for one in runs)
    lines = [
        f"Measured {datetime.now(tz=UTC).date().isoformat()} by `make bench` (`{Path(__file__).relative_to(ROOT)}`), {RUNS} runs,",
        "each a process of its own from its start to the proposal: five experts for each application, one of them from industry.",
        "",
        f"- Machine: {where}",
        f"- Python {sys.version.split()[0]}, HiGHS {version('highspy')}, one thread",
        "",
        "| seconds, median | least to most | of processor, median | MiB at most |",
        "|---:|---:|---:|---:|",
        f"| {median(seconds):.1f} | {seconds[0]:.1f}–{seconds[-1]:.1f} | {median(one.cpu_seconds for one in runs):.1f} "
        f"| {max(one.mib for one in runs):.0f} |",
    ]
    record(f"{APPLICATIONS:,} applications divided among {EXPERTS} experts", "\n".join(lines))
    assert max(seconds) <= MOST_SECONDS
