"""Messages."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Optional

from wigwag import _check
from wigwag._decode import decode
from wigwag.shapes import History, MessageSent

if TYPE_CHECKING:
    from wigwag.client import Client


class Messages:
    """Messages, one-to-one and in groups: every method takes the `user_id` of the other or the `group_id`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    async def send(
        self,
        kind: str,
        content: Mapping[str, object],
        *,
        user_id: Optional[str] = None,
        group_id: Optional[str] = None,
        client_msg_id: Optional[str] = None,
        options: Optional[Mapping[str, object]] = None,
    ) -> MessageSent:
        """Sends a message of any type. With its `client_msg_id`, made here unless it is given, it is sent again safely.

        `options` are those of the protocol's `message.send`, such as `{"onlineUserOnly": True}`.
        """
        name = str(uuid.uuid4()) if client_msg_id is None else _check.text("client_msg_id", client_msg_id)
        _check.encoded("content", content)
        params = {} if options is None else options
        _check.encoded("options", params)
        own = {"type": _check.text("kind", kind), "content": content, "clientMsgID": name}
        sent = await self._client.request("message.send", {**params, **_peer(user_id, group_id), **own})
        return decode(MessageSent, sent)

    async def send_text(
        self, text: str, *, user_id: Optional[str] = None, group_id: Optional[str] = None
    ) -> MessageSent:
        """Sends a text message; as `send`."""
        return await self.send("text", {"text": _check.text("text", text)}, user_id=user_id, group_id=group_id)

    async def send_custom(
        self, data: str, *, user_id: Optional[str] = None, group_id: Optional[str] = None
    ) -> MessageSent:
        """Sends a custom message: `data` is the app's own; as `send`."""
        return await self.send("custom", {"data": _check.text("data", data)}, user_id=user_id, group_id=group_id)

    async def history(
        self,
        *,
        user_id: Optional[str] = None,
        group_id: Optional[str] = None,
        from_seq: Optional[int] = None,
        direction: Literal["older", "newer"] = "older",
        limit: Optional[int] = None,
    ) -> History:
        """Reads a page of a conversation from `from_seq` on, the newest first unless `direction` is "newer"."""
        params = {**_peer(user_id, group_id), "direction": _check.text("direction", direction)}
        if from_seq is not None:
            params["fromSeq"] = _check.whole("from_seq", from_seq, 0)
        if limit is not None:
            params["limit"] = _check.whole("limit", limit, 1)
        return decode(History, await self._client.request("message.history", params))

    async def mark_read(self, seq: int, *, user_id: Optional[str] = None, group_id: Optional[str] = None) -> None:
        """Marks a conversation as read up to a message."""
        await self._client.request("message.markRead", {**_peer(user_id, group_id), "seq": _check.whole("seq", seq, 1)})

    async def revoke(self, seq: int, *, user_id: Optional[str] = None, group_id: Optional[str] = None) -> None:
        """Takes one's own message back, within the server's window. Not repeated after a lost connection."""
        await self._client.request("message.revoke", {**_peer(user_id, group_id), "seq": _check.whole("seq", seq, 1)})


def _peer(user_id: Optional[str], group_id: Optional[str]) -> dict[str, object]:
    if (user_id is None) == (group_id is None):
        raise ValueError("give either user_id or group_id")
    if user_id is not None:
        return {"userID": _check.text("user_id", user_id)}
    return {"groupID": _check.text("group_id", group_id)}
