from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop

from bases.models import LifecycleEvent
from bases.services.history import first_flaw


class Command(BaseCommand):
    help = gettext_noop("核验全部基地的流转记录；有改动时退出码为 1，并指出第一处。")

    def handle(self, *args: Any, **options: Any) -> None:
        flaw = first_flaw()
        if flaw is not None:
            raise CommandError(
                f"历史记录不完整：基地 {flaw.base_id} 第 {flaw.sequence} 条：{flaw.problem}", returncode=1
            )
        self.stdout.write(f"历史记录完整：{LifecycleEvent.objects.count()} 条记录均与写入时一致。")
