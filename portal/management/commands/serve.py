import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal import embedded

HOST = "127.0.0.1"
READY_SECONDS = 60
GRACE_SECONDS = 10


class Stopped(BaseException):
    """Somebody asked the portal to stop; not an error, so no ``except Exception`` on the way may take it."""


class ChildDied(Exception):
    """One of the services has ended by itself."""


class Command(BaseCommand):
    help = gettext_noop("在本机运行整个平台：数据库、消息队列、网页服务、后台任务和定时任务。")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the portal and keep it running until Ctrl-C or SIGTERM.

        Raises CommandError when the port is taken, an embedded service does not start or a service dies.
        """
        port = _port()
        _check_port(port)
        try:
            with _stop_signals(), ExitStack() as stack:
                services = self._start_redis(stack)
                self._prepare()
                connections.close_all()
                self._serve(services, port, stack)
        except Stopped:
            self._say(_("平台已停止，数据保留在 %(folder)s。") % {"folder": settings.VAR_DIR})
        except (ChildDied, embedded.EmbeddedError) as error:
            raise CommandError(str(error)) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _start_redis(self, stack: ExitStack) -> dict[str, subprocess.Popen[bytes]]:
        if embedded.redis_url(settings.VAR_DIR) != settings.REDIS_URL:
            return {}
        self._say(_("正在启动内置消息队列（Redis）……"))
        return {_("消息队列（Redis）"): stack.enter_context(embedded.running_redis(settings.VAR_DIR))}

    def _prepare(self) -> None:
        self._say(_("正在更新数据库结构……"))
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEVELOPMENT:
            self._say(_("正在收集静态文件……"))
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMO:
            self._say(_("正在准备演示数据……"))
            call_command("load_demo", stdout=self.stdout)

    def _serve(self, services: dict[str, subprocess.Popen[bytes]], port: int, stack: ExitStack) -> None:
        self._say(_("正在启动网页服务、后台任务和定时任务……"))
        children: list[subprocess.Popen[bytes]] = []
        stack.callback(lambda: embedded.stop_children(children, GRACE_SECONDS))
        stack.callback(lambda: self._say(_("正在停止……")))
        for name, command in _commands(port).items():
            services[name] = embedded.start_child([sys.executable, *command], cwd=settings.BASE_DIR)
            children.append(services[name])
        _wait_until_answering(services, port)
        self._say(_("平台已就绪：http://%(host)s:%(port)s/ （按 Ctrl-C 停止）") % {"host": HOST, "port": port})
        while True:
            _look_after(services)
            time.sleep(0.5)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise CommandError(_("端口 PORT=%(port)s 不正确，应为 1 至 65535 之间的整数。") % {"port": given})
    return int(given)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                _("端口 %(port)s 不能使用（%(cause)s）。请换一个端口，例如：PORT=%(other)s make run")
                % {"port": port, "cause": error.strerror, "other": port + 1 if port < 65535 else 8000}
            ) from error


def _commands(port: int) -> dict[str, list[str]]:
    # Celery warns of root because of pickled messages; ours are JSON.
    celery = ["-W", "ignore:::celery.platforms", "-m", "celery", "--quiet", "--app", "portal"]
    web = ["-m", "gunicorn", "portal.wsgi:application", "--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4"]
    return {
        _("网页服务（gunicorn）"): [*web, "--log-level", "warning", "--no-control-socket"],
        _("后台任务（celery worker）"): [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"],
        _("定时任务（celery beat）"): [*celery, "beat", "--loglevel", "WARNING"],
    }


def _look_after(services: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in services.items():
        if process.poll() is not None:
            raise ChildDied(
                _("%(name)s意外退出（退出码 %(code)s），平台已全部停止。原因见上面的输出。")
                % {"name": name, "code": process.returncode}
            )


def _wait_until_answering(services: dict[str, subprocess.Popen[bytes]], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        _look_after(services)
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise ChildDied(
                    _("网页服务在 %(seconds)s 秒内没有响应，平台已全部停止。") % {"seconds": READY_SECONDS}
                ) from error
        time.sleep(0.1)


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Let the first Ctrl-C, SIGTERM or closed terminal raise Stopped; what comes later cannot disturb the stopping."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in signals:
            signal.signal(number, lambda *_more: None)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
