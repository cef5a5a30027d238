"""The embedded services, with real processes: shared, left, killed; each test looks for what is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import environ
import psutil
import psycopg2
import pytest
from kombu import Connection

from portal import embedded

ROOT = Path(__file__).resolve().parents[2]
USER = """
import os, sys
from pathlib import Path
from portal import embedded

print(embedded.database_url(Path(sys.argv[1])), flush=True)
"""
UNTIL_TOLD = USER + "sys.stdin.readline()"
FORKED = (
    USER
    + """
child = os.fork()
if not child: sys.exit()
os.waitpid(child, 0)
print("forked", flush=True)
sys.stdin.readline()
"""
)
OUTLIVED = USER + "child = os.fork()\nif not child: sys.stdin.readline()"


def alive(var: Path) -> list[str]:
    """The command lines of what runs for this folder, users excepted."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if any(str(var) in word for word in line) and "-c" not in line:
            found.append(" ".join(line))
    return found


def nothing_left(var: Path) -> bool:
    """Whether all services of the folder end; those that a killed user leaves are stopped a moment later."""
    deadline = time.monotonic() + 10
    while alive(var) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive(var) == []


def postmaster(var: Path) -> int:
    return int((var / "postgres" / "postmaster.pid").read_text().split()[0])


def answers(url: str) -> bool:
    """Whether the database opens with what django-environ makes of the URL."""
    config = environ.Env.db_url_config(url)
    try:
        connection = psycopg2.connect(host=config["HOST"], user=config["USER"], dbname=config["NAME"])
    except psycopg2.OperationalError:
        return False
    connection.close()
    return True


class Users:
    """Processes that use the embedded database of one folder."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.started: list[subprocess.Popen[str]] = []

    def begin(self, code: str = UNTIL_TOLD) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(self.var)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def url(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout
        return process.stdout.readline().strip()

    def leave(self, process: subprocess.Popen[str]) -> None:
        process.communicate("\n", timeout=20)
        assert process.returncode == 0


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded")


@pytest.fixture
def users(var: Path) -> Iterator[Users]:
    users = Users(var)
    yield users
    for process in users.started:
        process.kill()
        process.communicate()
    assert nothing_left(var)


def test_two_that_start_at_once_share_one_server_and_the_last_stops_it(var: Path, users: Users) -> None:
    (var / "postgres.new").mkdir()
    (var / "postgres.new" / "half").write_text("an interrupted creation")
    first, second = users.begin(), users.begin()
    url = users.url(first)
    assert users.url(second) == url
    assert environ.Env.db_url_config(url)["HOST"] == str(var / "postgres")
    server = postmaster(var)

    users.leave(first)
    assert answers(url)
    assert postmaster(var) == server

    users.leave(second)
    assert not answers(url)
    assert nothing_left(var)


def test_the_environment_stays_as_it_was(users: Users) -> None:
    process = users.begin(USER + "print(os.environ.get('DATABASE_URL'))")
    users.url(process)
    assert users.url(process) == "None"


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_user_that_is_ended_leaves_no_server(end: signal.Signals, var: Path, users: Users) -> None:
    process = users.begin()
    assert answers(users.url(process))
    process.send_signal(end)
    process.wait(20)
    assert nothing_left(var)


def test_starts_after_everything_was_killed(var: Path, users: Users) -> None:
    process = users.begin()
    users.url(process)
    for pid in [postmaster(var), *(child.pid for child in psutil.Process(process.pid).children()), process.pid]:
        os.kill(pid, signal.SIGKILL)
    assert (var / "postgres" / "postmaster.pid").exists()
    assert answers(users.url(users.begin()))


@pytest.mark.parametrize("rest", ["", "\n".join(["{data}", "1700000000", "5432", "{data}", "", "1 1", "ready"]) + "\n"])
def test_starts_when_a_process_number_was_taken_over(rest: str, var: Path, users: Users) -> None:
    data = var / "postgres"
    users.leave(users.begin())
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{rest.format(data=data)}")
    assert answers(users.url(users.begin()))


def test_the_exit_of_a_forked_child_does_not_stop_its_parents_server(var: Path, users: Users) -> None:
    process = users.begin(FORKED)
    url = users.url(process)
    assert users.url(process) == "forked"
    assert answers(url)


def test_a_forked_child_keeps_the_server_that_its_parent_has_left(var: Path, users: Users) -> None:
    process = users.begin(OUTLIVED)
    url = users.url(process)
    process.wait(20)
    assert answers(url)
    process.communicate("\n", timeout=20)
    assert nothing_left(var)


def test_a_path_with_a_space_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="路径含有空格"):
        embedded.database_url(tmp_path / "my data")


def test_a_failing_start_says_so_in_chinese_and_quotes_the_cause(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    done = subprocess.run([sys.executable, "-c", USER, tmp_path], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "内置数据库无法启动" in done.stderr
    assert "Version mismatch: expecting version 18 but found version 16" in done.stderr
    assert nothing_left(tmp_path)


def test_redis_answers_at_its_url_and_keeps_what_waits_in_a_queue(tmp_path: Path) -> None:
    url = embedded.redis_url(tmp_path)
    assert url == f"redis+socket://{tmp_path}/redis/redis.sock"
    with embedded.running_redis(tmp_path) as process, Connection(url) as broker:
        broker.SimpleQueue("letters").put({"number": 7})
        with pytest.raises(embedded.EmbeddedError, match="已有一个平台"), embedded.running_redis(tmp_path):
            pass
    assert process.returncode == 0
    with embedded.running_redis(tmp_path), Connection(url) as broker:
        assert broker.SimpleQueue("letters").get(timeout=5).payload == {"number": 7}
    assert nothing_left(tmp_path)


def test_redis_takes_a_short_socket_for_a_long_path(tmp_path: Path) -> None:
    var = tmp_path / ("数据" * 20)
    socket = Path(embedded.redis_url(var).removeprefix("redis+socket://"))
    assert socket.parent.parent != var
    with embedded.running_redis(var), Connection(embedded.redis_url(var)) as broker:
        assert broker.default_channel.client.ping()
        assert len(bytes(socket)) <= embedded.SOCKET_BYTES
    assert not socket.parent.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's own")
def test_redis_ends_with_a_killed_supervisor(tmp_path: Path) -> None:
    code = "import sys, os; from pathlib import Path; from portal import embedded\n"
    code += "with embedded.running_redis(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, timeout=30)
    assert nothing_left(tmp_path)


def test_a_child_that_will_not_end_is_killed_with_its_own_children(tmp_path: Path) -> None:
    code = "import os, pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork()\n"
    code += "pathlib.Path(sys.argv[1], str(os.getpid())).touch(); time.sleep(60)"
    stubborn = embedded.start_child([sys.executable, "-c", code, str(tmp_path)])
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    pids = [int(path.name) for path in tmp_path.iterdir()]
    embedded.stop_children([stubborn], grace=0.3)
    assert stubborn.returncode == -signal.SIGKILL
    wait_for(lambda: not any(running(pid) for pid in pids))


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
