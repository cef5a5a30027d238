import hashlib
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils.translation import gettext, gettext_noop

from portal import regulation
from portal.models import RegulationText

# The regulation is some 10 kB; what is a hundred times larger is another file.
MAX_BYTES = 1024 * 1024


class Command(BaseCommand):
    """Bring in the official wording of the regulation from a text file (UTF-8 or GB18030), all of it or nothing."""

    help = gettext_noop("从文本文件载入管理办法的官方文本；不完整的文本不载入，以前的版次保留。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=gettext("文本文件，UTF-8 或 GB18030 编码"))
        parser.add_argument("--dry-run", action="store_true", help=gettext("只检查，不写入"))

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        raw = self._read(path)
        try:
            wording = regulation.parse(regulation.decode(raw))
        except ValueError as error:
            raise CommandError(gettext("没有载入：%(reason)s") % {"reason": error}) from error
        sha256 = hashlib.sha256(raw).hexdigest()
        counts = {
            "articles": len(regulation.articles()),
            "items": len(wording) - len(regulation.articles()),
            # A name outside UTF-8 must not reach the database.
            "name": os.fsencode(path.name).decode("utf-8", "replace"),
        }
        if options["dry_run"]:
            self.stdout.write(gettext("检查通过：%(name)s 有 %(articles)d 条、%(items)d 项。未写入。") % counts)
            return
        try:
            edition, created = RegulationText.objects.add_edition(
                wording=wording, source_name=str(counts["name"]), sha256=sha256
            )
        except IntegrityError as error:
            raise CommandError(gettext("没有载入：另一个载入正在进行，请稍后再试。")) from error
        counts["edition"] = edition
        if created:
            message = gettext("已载入第 %(edition)d 版：%(articles)d 条、%(items)d 项，来自 %(name)s。")
        else:
            message = gettext("%(name)s 已经载入过，就是现行的第 %(edition)d 版；没有改动。")
        self.stdout.write(message % counts)

    def _read(self, path: Path) -> bytes:
        """The file's bytes; refuses what is no file, cannot be read or is too large."""
        if not path.is_file():
            raise CommandError(gettext("没有载入：找不到文件 %(path)s。") % {"path": path})
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(gettext("没有载入：无法读取文件 %(path)s。") % {"path": path}) from error
        if len(raw) > MAX_BYTES:
            raise CommandError(gettext("没有载入：文件超过 1 MB，不像是办法的文本。"))
        return raw
