"""A list of 2,000 bases becomes a PDF sooner than Chromium prints the same page, within 500 MiB."""

import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from statistics import median

import pytest
from pypdf import PdfReader

from tests.benchmarks.bases import COUNT, as_html
from tests.benchmarks.measuring import ROOT, Run, machine, record, run

CHROMIUM = "/usr/bin/chromium"
RUNS = 5
MOST_MIB = 500


@pytest.mark.benchmark
def test_a_list_of_2000_bases_is_set_sooner_than_chromium_prints_it(tmp_path: Path) -> None:
    where = machine()
    page, ours_pdf, theirs_pdf = tmp_path / "list.html", tmp_path / "ours.pdf", tmp_path / "theirs.pdf"
    page.write_text(as_html(), encoding="utf-8")
    ours, theirs = [], []
    # Alternately, so that whatever else the machine does hinders both.
    for number in range(RUNS):
        ours.append(
            run(
                [sys.executable, "-m", "tests.benchmarks.set_list", ours_pdf],
                DEBUG="1",
                DJANGO_SETTINGS_MODULE="portal.settings",
            )
        )
        theirs.append(
            run(
                [
                    CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / str(number)}",
                    "--no-pdf-header-footer", f"--print-to-pdf={theirs_pdf}", page.as_uri(),
                ]
            )
        )  # fmt: skip
    record(
        f"{COUNT:,} bases as a list, beside Chromium",
        _told(where, ours, theirs, _pages(ours_pdf), _pages(theirs_pdf)),
    )

    assert min(_pages(ours_pdf), _pages(theirs_pdf)) > 50
    assert max(one.mib for one in ours) <= MOST_MIB
    assert median(one.seconds for one in ours) < median(one.seconds for one in theirs)


def _pages(path: Path) -> int:
    return len(PdfReader(BytesIO(path.read_bytes())).pages)


def _told(where: str, ours: list[Run], theirs: list[Run], our_pages: int, their_pages: int) -> str:
    browser = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    lines = [
        f"Measured {datetime.now(tz=UTC).date().isoformat()} by `make bench` (`{Path(__file__).relative_to(ROOT)}`), {RUNS} runs of each in turn,",
        "each a process of its own from its start to the written file.",
        "",
        f"- Machine: {where}",
        f"- Python {sys.version.split()[0]}, typst {version('typst')} (Python package), Chromium {browser}",
        "- Memory is the most at once of the process and its children (RSS); Chromium's processes share some of theirs.",
        "",
        "| | seconds, median | least to most | of processor, median | MiB at most | pages |",
        "|---|---:|---:|---:|---:|---:|",
        _line("`portal.typesetting`", ours, our_pages),
        _line("Chromium `--print-to-pdf`", theirs, their_pages),
    ]
    return "\n".join(lines)


def _line(name: str, runs: list[Run], pages: int) -> str:
    seconds = sorted(one.seconds for one in runs)
    most = max(one.mib for one in runs)
    cpu = median(one.cpu_seconds for one in runs)
    return f"| {name} | {median(seconds):.2f} | {seconds[0]:.2f}–{seconds[-1]:.2f} | {cpu:.2f} | {most:.0f} | {pages} |"
