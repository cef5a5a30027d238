import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext, gettext_noop

from evaluations.services import daily
from portal import clock


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是日期，请写成 2027-03-01 的样子。") from None


class Command(BaseCommand):
    help = gettext_noop("办理到某一天为止的每日任务，并以 JSON 打印启动、建议和提醒的事项；演示环境的日期随之前移。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=_day, default=None, metavar="YYYY-MM-DD", help=gettext("默认为今天"))
        parser.add_argument("--dry-run", action="store_true", help=gettext("只打印，不办理"))

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        on: date = options["on"] or today
        if on > today and not settings.DEMO:
            raise CommandError(f"{on} 还没有到（今天是 {today}）；只有演示环境（PORTAL_DEMO）可以提前日期。")
        report = daily.run(on=on, dry_run=options["dry_run"])
        if on > today and not options["dry_run"]:
            clock.move_to(on)
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        if report.failed:
            raise CommandError(
                f"{len(report.failed)} 项未能办理，其余已办理；原因见输出的 failed 和日志。", returncode=1
            )
