"""Gives tokens from a function of the app's, for as long as a client asks."""

import asyncio
import inspect
from contextlib import suppress
from typing import Callable, Optional

from wigwag import _check
from wigwag._bridge import Bridge
from wigwag._native import TokenRequest, TokenRequests


class TokenGiver:
    """Answers a client's questions on the event loop that it is made on. It does not know the client, which can be forgotten meanwhile."""

    def __init__(self, function: Callable[[], object], requests: TokenRequests, here: Bridge) -> None:
        #: Why the last question got no token.
        self.failure: Optional[Exception] = None
        self._function = function
        self._task = asyncio.create_task(self._answer_all(requests, here))

    def end(self) -> None:
        """Called on any event loop: a client may be closed elsewhere than it was connected."""
        loop = self._task.get_loop()
        if loop is asyncio.get_running_loop():
            self._task.cancel()
        else:
            with suppress(RuntimeError):  # The loop is closed, and has taken the task with it.
                loop.call_soon_threadsafe(self._task.cancel)

    async def _answer_all(self, requests: TokenRequests, here: Bridge) -> None:
        # It ends with the client.
        with suppress(StopAsyncIteration):
            while True:
                await self._answer(await here.wait(requests.poll))

    async def _answer(self, request: TokenRequest) -> None:
        self.failure = None
        try:
            request.give(_check.text("what the token's function gives", await self._ask()))
        except Exception as why:  # Whatever the app's function throws: the client tries again, and says why.
            self.failure = why
            request.fail(str(why) or type(why).__name__)

    async def _ask(self) -> object:
        """What the function gives. One that was cancelled failed; it does not end the task that asks."""
        try:
            given = self._function()
        except asyncio.CancelledError as why:
            raise _cancelled() from why
        if not inspect.isawaitable(given):
            return given
        giving = asyncio.ensure_future(given)
        try:
            await asyncio.wait({giving})
        except asyncio.CancelledError:
            giving.cancel()
            raise
        if giving.cancelled():
            raise _cancelled()
        return giving.result()


def _cancelled() -> RuntimeError:
    return RuntimeError("the token's function was cancelled")
