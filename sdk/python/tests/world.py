"""A real server, and people who use it."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar

from wigwag import Client, Event

SDK = Path(__file__).parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", SDK.parent.parent / "target"))
#: What does not happen for so long does not happen; the machine may be busy with other tests.
LONGEST = 60.0

E = TypeVar("E", bound=Event)


def server_program() -> str:
    """WIGWAG_BIN, or what cargo built."""
    program = Path(os.environ.get("WIGWAG_BIN", TARGET / "debug" / "wigwag"))
    assert program.exists(), f"{program} is missing: cargo build --package wigwag-server"
    return str(program)


#: Tests send more in a moment than users do.
UNHURRIED = {f"WIGWAG_LIMITS_{limit}": "100000" for limit in ("COMMANDS_PER_SECOND", "COMMAND_BURST")}


class World:
    """A server that can be killed and started again on the same data and port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._address = "127.0.0.1:0"
        self._server: Optional[subprocess.Popen[str]] = None
        self.starts()

    def __enter__(self) -> "World":
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"ws://{self._address}"

    def starts(self) -> None:
        command = [server_program(), "serve", "--listen", self._address, "--data", str(self.home / "data")]
        with (self.home / "log").open("a") as log:
            self._server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **UNHURRIED},
            )
        assert self._server.stdout is not None
        for line in self._server.stdout:
            if "://" in line:
                self._address = line.split("://")[1].split("/")[0].strip()
                return
        raise AssertionError((self.home / "log").read_text())

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            assert self._server.stdout is not None
            self._server.stdout.close()
            self._server = None

    def token(self, user: str, ttl: int = 3_600) -> str:
        """A JWT, as the app's back end would make it."""
        key = (self.home / "data" / "app.key").read_text().strip()
        now = int(time.time())
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": now, "exp": now + ttl}]
        body = ".".join(_unpadded(json.dumps(part).encode()) for part in parts)
        return f"{body}.{_unpadded(hmac.new(key.encode(), body.encode(), hashlib.sha256).digest())}"

    def revokes(self, user: str) -> None:
        command = [server_program(), "revoke", user, "--data", str(self.home / "data")]
        subprocess.run(command, check=True, capture_output=True)

    def client(self, user: str, **options: Any) -> Client:
        options.setdefault("connect_timeout", LONGEST)
        options.setdefault("request_timeout", LONGEST)
        return Client(self.url, self.token(user), **options)

    async def knows(self, *users: str) -> None:
        """Signs users in once, so that they exist."""
        for user in users:
            async with self.client(user):
                pass


async def hears(client: Client, kind: type[E], accepts: Callable[[E], bool] = lambda event: True) -> E:
    """The next event of a class; those before it are passed over."""

    async def listens() -> E:
        async for event in client.events():
            if isinstance(event, kind) and accepts(event):
                return event
        raise AssertionError(f"the client stopped before {kind.__name__}")

    return await within(listens())


T = TypeVar("T")


async def within(wait: Awaitable[T]) -> T:
    """What must come."""
    return await asyncio.wait_for(wait, LONGEST)


class Program:
    """An example, or a program of a test, that runs in a process of its own."""

    def __init__(self, command: list[str]) -> None:
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._passed_over: list[str] = []

    @classmethod
    def python(cls, *words: str, warnings: str = "error") -> "Program":
        return cls([sys.executable, "-X", "dev", "-W", warnings, *words])

    @classmethod
    def example(cls, name: str, *words: str) -> "Program":
        return cls.python(str(SDK / "examples" / name), *words)

    @classmethod
    def native(cls, program: Path, *words: str) -> "Program":
        return cls([str(program), *words])

    def says(self, words: str) -> str:
        """What follows `words` in the first line that begins with them and was not asked for yet: replies and events come in no order."""
        line = next((line for line in self._passed_over if line.startswith(words)), None)
        if line is None:
            line = self._hears(words)
        else:
            self._passed_over.remove(line)
        return line[len(words) :].strip()

    def _hears(self, words: str) -> str:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if line.startswith(words):
                return line
            self._passed_over.append(line)
        raise AssertionError(f"never says {words!r}, only {self._passed_over}")

    def ends(self) -> int:
        assert self._child.stdout is not None
        status = self._child.wait(LONGEST)
        self._child.stdout.close()
        return status

    def freeze(self) -> None:
        self._child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._child.kill()
        self.ends()


def _unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
