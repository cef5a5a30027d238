"""Set the list of bases as PDF in a process of its own: python -m tests.benchmarks.set_list FILE."""

import sys
from pathlib import Path

import django


def main(path: str) -> None:
    """From nothing loaded to the file written."""
    django.setup()
    from portal.typesetting import render_table
    from tests.benchmarks.bases import annex

    Path(path).write_bytes(render_table(annex(), author="某某省教育厅"))


if __name__ == "__main__":
    main(sys.argv[1])
