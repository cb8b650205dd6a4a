"""Waits on an event loop for what the native side has.

The native side has results to be polled and a file descriptor that becomes readable when a poll may give more. Nothing of it waits, and none
of its threads runs Python; so a wait that is cancelled takes nothing with it, and any event loop will do that can watch a file descriptor.
"""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Callable, Optional, TypeVar
from weakref import WeakKeyDictionary, ref

from wigwag._native import Wakeups

T = TypeVar("T")


class Bridge:
    """The waits of one event loop. It does not keep the loop alive."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.wakeups = Wakeups()
        self.users = 0
        self._loop = ref(loop)
        self._tickets = itertools.count()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        try:
            loop.add_reader(self.wakeups.fileno(), self._wake)
        except NotImplementedError:
            words = f"{type(loop).__name__} cannot watch a socket (add_reader); use asyncio.SelectorEventLoop or uvloop"
            raise RuntimeError(words) from None

    @classmethod
    def join(cls) -> "Bridge":
        """That of the running event loop; it stays until everybody who has joined has left."""
        loop = asyncio.get_running_loop()
        with _lock:
            found = _bridges.get(loop)
            if found is None:
                found = _bridges[loop] = cls(loop)
            found.users += 1
        return found

    def leave(self) -> None:
        """Called on any event loop: a client may be closed elsewhere than it was connected."""
        loop = self._loop()
        if loop is asyncio.get_running_loop():
            self._left()
        elif loop is not None:
            with suppress(RuntimeError):  # The loop is closed, and has taken everything with it.
                loop.call_soon_threadsafe(self._left)

    def _left(self) -> None:
        loop = asyncio.get_running_loop()
        with _lock:
            self.users -= 1
            if self.users > 0:
                return
            del _bridges[loop]
        loop.remove_reader(self.wakeups.fileno())

    async def wait(self, poll: Callable[[Wakeups, int], Optional[T]]) -> T:
        """Polls until there is a result."""
        loop = asyncio.get_running_loop()
        ticket = next(self._tickets)
        try:
            while (result := poll(self.wakeups, ticket)) is None:
                waiter = self._waiting[ticket] = loop.create_future()
                await waiter
            return result
        finally:
            self._waiting.pop(ticket, None)

    def _wake(self) -> None:
        """Lets those waits go on that may have a result."""
        for ticket in self.wakeups.take():
            waiter = self._waiting.get(ticket)
            if waiter is not None and not waiter.done():
                waiter.set_result(None)


#: Those of all event loops. Not by thread: a loop may run in one, and later in another.
_bridges: "WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge]" = WeakKeyDictionary()
_lock = threading.Lock()


@contextmanager
def bridge() -> Iterator[Bridge]:
    """The bridge of the running event loop, for one wait."""
    here = Bridge.join()
    try:
        yield here
    finally:
        here.leave()
