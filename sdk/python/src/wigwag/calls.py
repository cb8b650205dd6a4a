"""Calls."""

import json
from typing import TYPE_CHECKING, Optional

from wigwag import _check
from wigwag._decode import decode
from wigwag.shapes import Call, CallPage, Joined

if TYPE_CHECKING:
    from wigwag.client import Client


class Calls:
    """Calls. One begins with an invitation that has a `media_type`; the replies to it and to `accept` have in `call` what is needed to join.

    Where a method takes `call_id` and `room_id`, give one of them.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client

    def running(self) -> list[Call]:
        """The calls that run as far as this device was told, oldest first. Nothing is asked."""
        return [decode(Call, each) for each in json.loads(self._client._connected().running_calls())]

    def known(self, call_id: str) -> Optional[Call]:
        """One call that this device was told of, running or over. Nothing is asked; the newest 200 are kept."""
        known = self._client._connected().known_call(_check.text("call_id", call_id))
        return None if known is None else decode(Call, json.loads(known))

    async def join(self, *, call_id: Optional[str] = None, room_id: Optional[str] = None) -> Joined:
        """Enters a call of a group without an invitation, or again, or with this device instead of another."""
        return decode(Joined, await self._client.request("call.join", _which(call_id, room_id)))

    async def hang_up(self, *, call_id: Optional[str] = None, room_id: Optional[str] = None) -> None:
        """Leaves a call. While it rings, the caller takes it back by this, and an invitee rejects it."""
        await self._client.request("call.hangUp", _which(call_id, room_id))

    async def signal(
        self, data: str, *, call_id: Optional[str] = None, room_id: Optional[str] = None, to: Optional[str] = None
    ) -> None:
        """Sends a signal to the others in the call, or `to` one of them. Not kept, and not repeated after a lost connection."""
        params = {**_which(call_id, room_id), "data": _check.text("data", data)}
        if to is not None:
            params["to"] = _check.text("to", to)
        await self._client.request("call.signal", params)

    async def get(
        self, *, call_id: Optional[str] = None, room_id: Optional[str] = None, group_id: Optional[str] = None
    ) -> Call:
        """Reads a call, running or over; with `group_id` the newest running one of a group."""
        which = {"groupID": _check.text("group_id", group_id)} if group_id is not None else _which(call_id, room_id)
        return decode(Call, (await self._client.request("call.get", which))["call"])

    async def list(self, *, missed: bool = False, limit: Optional[int] = None, after: Optional[str] = None) -> CallPage:
        """Pages through the user's calls, the newest first; with `missed` only those that they missed."""
        params: dict[str, object] = {"missed": _check.flag("missed", missed)}
        if limit is not None:
            params["limit"] = _check.whole("limit", limit, 1)
        if after is not None:
            params["after"] = _check.text("after", after)
        return decode(CallPage, await self._client.request("call.list", params))

    async def mark_seen(self, up_to: int) -> None:
        """Marks missed calls as seen that began up to a time of the server's, ms."""
        await self._client.request("call.markSeen", {"upTo": _check.whole("up_to", up_to, 0)})


def _which(call_id: Optional[str], room_id: Optional[str]) -> dict[str, object]:
    if (call_id is None) == (room_id is None):
        raise ValueError("give either call_id or room_id")
    if call_id is not None:
        return {"callID": _check.text("call_id", call_id)}
    return {"roomID": _check.text("room_id", room_id)}
