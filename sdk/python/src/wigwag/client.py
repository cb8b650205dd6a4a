"""A user signed in on one device."""

import json
import warnings
from collections.abc import AsyncIterator, Awaitable, Generator, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Callable, Literal, Optional, TypeVar, Union, cast

from wigwag import _check
from wigwag._bridge import Bridge, bridge
from wigwag._decode import decode
from wigwag._native import NativeClient, Waiting
from wigwag._tokens import TokenGiver
from wigwag.calls import Calls
from wigwag.errors import error_of
from wigwag.events import Event, event_of
from wigwag.messages import Messages
from wigwag.shapes import Invitation, InvitationPage, InvitationReply

T = TypeVar("T")

#: A UserSig or JWT, or a function that gets one: it is asked before the first sign-in, and when the last token has expired. One that takes
#: long should be async, because another keeps the event loop from its work.
Token = Union[str, Callable[[], Union[str, Awaitable[str]]]]
State = Literal["idle", "connecting", "connected", "reconnecting", "stopped"]


class Client:
    """A user signed in on one device: `async with Client(url, token) as client`.

    `url` begins with `ws://` or `wss://`; its path defaults to `/v1/ws`. `user_id` says who is expected to sign in, and a token of somebody
    else's is refused. Keep `device_id` across restarts, and give a `cursor_file`, to be told what happened meanwhile: one file for each user
    and device. `request_timeout` and `connect_timeout` are seconds; with `connect_timeout=None` the first sign-in may take as long as it
    takes. With `own_acts` what this device does to invitations is told as events, too. `event_capacity` is how many events are held for a
    slow reader: beyond, the connection is slowed down, and nothing is lost.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        user_id: Optional[str] = None,
        device_id: Optional[str] = None,
        platform: Optional[int] = None,
        cursor_file: Union[str, "PathLike[str]", None] = None,
        own_acts: bool = False,
        request_timeout: float = 10.0,
        connect_timeout: Optional[float] = 10.0,
        event_capacity: int = 1024,
    ) -> None:
        self._native: Optional[NativeClient] = None
        if not callable(token) and not _check.text("token", token):
            raise ValueError("token is empty; give a UserSig, a JWT, or a function that gets one")
        self._token = token
        self._options: Mapping[str, object] = {
            "url": _check.text("url", url),
            "token": None if callable(token) else token,
            "user_id": _check.optional_text("user_id", user_id),
            "device_id": _check.optional_text("device_id", device_id),
            "platform": _check.optional_whole("platform", platform, 1, 11),
            "cursor_file": _check.path("cursor_file", cursor_file),
            "own_acts": _check.flag("own_acts", own_acts),
            "request_timeout_ms": _check.milliseconds("request_timeout", request_timeout),
            "event_capacity": _check.whole("event_capacity", event_capacity, 1, 65_536),
        }
        self._connect_ms = None if connect_timeout is None else _check.milliseconds("connect_timeout", connect_timeout)
        self._user_id: Optional[str] = None
        self._is_closed = False
        self._is_read = False
        self._home: Optional[Bridge] = None
        self._tokens: Optional[TokenGiver] = None

    # Signing in and out.

    async def connect(self) -> str:
        """Signs in, waits for the session, and gives the userID. When that fails the client is closed."""
        if self._native is not None:
            raise RuntimeError("this client was connected before; make another Client to connect again")
        self._home = Bridge.join()
        try:
            native = self._native = NativeClient(self._options)
            if callable(self._token):
                self._tokens = TokenGiver(self._token, native.token_requests(), self._home)
            signed_in = await self._ask(native.signed_in(self._connect_ms))
        except BaseException as why:
            await self._end(finish=False)
            if self._tokens is not None and self._tokens.failure is not None:
                raise why from self._tokens.failure
            raise
        self._user_id = cast(str, signed_in["userID"])
        return self._user_id

    async def close(self) -> None:
        """Ends the session and waits until the cursor is stored. The event that was read last counts as dealt with.

        Commands without a reply raise `StoppedError`, and `events()` ends. It ends also when this wait is cancelled.
        """
        await self._end(finish=True)

    async def __aenter__(self) -> "Client":
        await self.connect()
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Closes. After an exception the event that was read last does not count as dealt with, and is told again after a restart."""
        await self._end(finish=error is None)

    async def _end(self, finish: bool) -> None:
        try:
            if self._native is not None:
                self._is_closed = True
                closed = self._native.close(finish)
                if self._tokens is not None:
                    self._tokens.end()
                await self._ask(closed)
        finally:
            home, self._home = self._home, None
            if home is not None:
                home.leave()

    def __del__(self) -> None:
        if self._native is not None and not self._is_closed:
            warnings.warn(f"{self!r} was not closed; use `async with`", ResourceWarning, source=self, stacklevel=2)

    def __repr__(self) -> str:
        return f"<wigwag.Client of {self._user_id or 'nobody'} at {self._options['url']}>"

    # Where it stands.

    @property
    def user_id(self) -> str:
        """Who is signed in."""
        if self._user_id is None:
            raise RuntimeError("nobody is signed in; use `async with Client(...)`, or await connect()")
        return self._user_id

    @property
    def state(self) -> State:
        """Where the connection stands now; "idle" before `connect`."""
        return "idle" if self._native is None else cast(State, self._native.state())

    @property
    def server_time(self) -> Optional[int]:
        """What the server's clock says now, ms since 1970; None before the first sign-in."""
        return None if self._native is None else self._native.server_time()

    # Events.

    def events(self) -> "Events":
        """The events of the user, in order, each once; see `Events`."""
        return Events(self)

    # Calls and messages.

    @property
    def calls(self) -> Calls:
        """Calls; see `Calls`."""
        return Calls(self)

    @property
    def messages(self) -> Messages:
        """Messages; see `Messages`."""
        return Messages(self)

    # Invitations.

    def invite(
        self,
        invitee: str,
        *,
        data: str = "",
        timeout: int = 30,
        media_type: Optional[str] = None,
        room_id: Optional[str] = None,
        invite_id: Optional[str] = None,
        online_user_only: bool = False,
        excluded_from_unread: bool = False,
        excluded_from_last_message: bool = False,
        progress: bool = False,
        offline_push_info: Optional[Mapping[str, object]] = None,
    ) -> "Inviting":
        """Invites one user; it is sent at once, and the result has the `invite_id` before it is awaited.

        `data` is the app's own, at most 16 KiB. It rings for `timeout` seconds; 0 = until it is settled. With a `media_type`, "audio", "video"
        or a word of the app's, it opens a call, or with `room_id` rings in one that this user is in. The same `invite_id` with the same
        content is the same invitation. With `progress`, `InvitationProgress` tells how far it is with each device.
        """
        params = _invite(
            data=data,
            timeout=timeout,
            media_type=media_type,
            room_id=room_id,
            invite_id=invite_id,
            online_user_only=online_user_only,
            excluded_from_unread=excluded_from_unread,
            excluded_from_last_message=excluded_from_last_message,
            progress=progress,
            offline_push_info=offline_push_info,
        )
        params["invitee"] = _check.text("invitee", invitee)
        return Inviting(self, *self._connected().invite(_check.encoded("invite", params)))

    def invite_in_group(
        self,
        group_id: str,
        invitee_list: Sequence[str],
        *,
        data: str = "",
        timeout: int = 30,
        notify: Literal["members", "parties"] = "members",
        media_type: Optional[str] = None,
        room_id: Optional[str] = None,
        invite_id: Optional[str] = None,
        online_user_only: bool = False,
        excluded_from_unread: bool = False,
        excluded_from_last_message: bool = False,
        progress: bool = False,
        offline_push_info: Optional[Mapping[str, object]] = None,
    ) -> "Inviting":
        """Invites some members of a group; as `invite`. The reply's `ignored_invitees` names those who were left out.

        `notify` says who is told of it: every member, or the parties alone.
        """
        params = _invite(
            data=data,
            timeout=timeout,
            media_type=media_type,
            room_id=room_id,
            invite_id=invite_id,
            online_user_only=online_user_only,
            excluded_from_unread=excluded_from_unread,
            excluded_from_last_message=excluded_from_last_message,
            progress=progress,
            offline_push_info=offline_push_info,
        )
        params["groupID"] = _check.text("group_id", group_id)
        params["inviteeList"] = _check.texts("invitee_list", invitee_list)
        params["notify"] = _check.text("notify", notify)
        return Inviting(self, *self._connected().invite_in_group(_check.encoded("invite_in_group", params)))

    async def accept(self, invite_id: str, *, data: str = "") -> InvitationReply:
        """Accepts an invitation. Refused with 8010 when somebody or something was faster; the error's `outcome` says who."""
        return await self._answer("signaling.accept", invite_id, data)

    async def reject(self, invite_id: str, *, data: str = "") -> InvitationReply:
        """Rejects an invitation; refused as `accept`."""
        return await self._answer("signaling.reject", invite_id, data)

    async def cancel(
        self, invite_id: str, *, data: str = "", invitee_list: Optional[Sequence[str]] = None
    ) -> InvitationReply:
        """Takes one's invitation back: from everybody who has not answered, or from those in `invitee_list` alone."""
        some = {} if invitee_list is None else {"inviteeList": _check.texts("invitee_list", invitee_list)}
        return await self._answer("signaling.cancel", invite_id, data, some)

    async def modify(self, invite_id: str, *, data: str) -> InvitationReply:
        """Replaces an invitation's data. Not repeated after a lost connection."""
        return await self._answer("signaling.modify", invite_id, data)

    async def get(self, invite_id: str, *, after: Optional[str] = None) -> Invitation:
        """Reads one invitation from the server, open or ended. Of one with very many answers, `after` a userID reads those that follow."""
        params = {"inviteID": _check.text("invite_id", invite_id), **_given(after=_check.optional_text("after", after))}
        return decode(Invitation, (await self.request("signaling.get", params))["invitation"])

    async def list_open(self, *, limit: Optional[int] = None, after: Optional[str] = None) -> InvitationPage:
        """Pages through the open invitations that one is concerned with, oldest first; `invitations()` has them without asking."""
        params = _given(limit=_check.optional_whole("limit", limit, 1), after=_check.optional_text("after", after))
        return decode(InvitationPage, await self.request("signaling.listOpen", params))

    def invitations(self) -> list[Invitation]:
        """The invitations that are open as far as this device was told, oldest first. Nothing is asked.

        Never older than the last event that was read, and it may be newer.
        """
        return [decode(Invitation, each) for each in json.loads(self._connected().invitations())]

    def invitation(self, invite_id: str) -> Optional[Invitation]:
        """One invitation that this device was told of, open or ended. Nothing is asked; the newest 200 that have ended are kept."""
        known = self._connected().invitation(_check.text("invite_id", invite_id))
        return None if known is None else decode(Invitation, json.loads(known))

    # Everything else.

    async def request(self, method: str, params: Optional[Mapping[str, object]] = None) -> dict[str, Any]:
        """Calls a method of the protocol by its name, with its params and result as in docs/protocol.md.

        `await client.request("group.create", {"groupID": "class", "name": "Class", "members": ["bob"]})`
        """
        encoded = _check.encoded("params", {} if params is None else params)
        return await self._ask(self._connected().request(_check.text("method", method), encoded))

    async def _answer(
        self, method: str, invite_id: str, data: str, more: Optional[Mapping[str, object]] = None
    ) -> InvitationReply:
        params = {"inviteID": _check.text("invite_id", invite_id), "data": _check.text("data", data), **(more or {})}
        return decode(InvitationReply, await self.request(method, params))

    async def _ask(self, waiting: Waiting) -> dict[str, Any]:
        with bridge() as here:
            is_done, text = await here.wait(waiting.poll)
        outcome: dict[str, Any] = json.loads(text)
        if not is_done:
            raise error_of(outcome)
        return outcome

    def _connected(self) -> NativeClient:
        if self._native is None:
            raise RuntimeError("this client is not connected; use `async with Client(...)`, or await connect()")
        return self._native


class Inviting(Awaitable[InvitationReply]):
    """An invitation on its way; await it once for what became of it. To forget it takes nothing back."""

    def __init__(self, client: Client, invite_id: str, waiting: Waiting) -> None:
        #: The invitation's name. Events may carry it before the reply is here.
        self.invite_id = invite_id
        self._client = client
        self._waiting = waiting

    def __await__(self) -> Generator[Any, None, InvitationReply]:
        return self._reply().__await__()

    async def _reply(self) -> InvitationReply:
        return decode(InvitationReply, await self._client._ask(self._waiting))


class Events(AsyncIterator[Event]):
    """The events of a client: `async for event in client.events()`. It ends when the client is closed or has stopped.

    One task reads at a time. To ask for the next event says that the one before was dealt with; only then may the stored cursor pass it, so
    what a program had in hand when it died is told again after the restart. To be cancelled while waiting loses nothing.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def __aiter__(self) -> "Events":
        return self

    async def __anext__(self) -> Event:
        client = self._client
        native = client._connected()
        if client._is_read:
            raise RuntimeError("another task reads these events; let one read, and pass on what others want")
        client._is_read = True
        try:
            with bridge() as here:
                name, text = await here.wait(native.poll_event)
        finally:
            client._is_read = False
        return event_of(name, json.loads(text))


def _invite(**given: Any) -> dict[str, object]:
    """What both kinds of invitation say, in the protocol's words."""
    media_type = _check.optional_text("media_type", given["media_type"])
    room_id = _check.optional_text("room_id", given["room_id"])
    if room_id is not None and media_type is None:
        raise ValueError("room_id needs a media_type: it names the call to ring in")
    push = given["offline_push_info"]
    if push is not None:
        _check.encoded("offline_push_info", push)
    return {
        "data": _check.text("data", given["data"]),
        "timeout": _check.whole("timeout", given["timeout"], 0),
        "onlineUserOnly": _check.flag("online_user_only", given["online_user_only"]),
        "excludedFromUnread": _check.flag("excluded_from_unread", given["excluded_from_unread"]),
        "excludedFromLastMessage": _check.flag("excluded_from_last_message", given["excluded_from_last_message"]),
        "progress": _check.flag("progress", given["progress"]),
        **_given(
            inviteID=_check.optional_text("invite_id", given["invite_id"]),
            call=None if media_type is None else _given(mediaType=media_type, roomID=room_id),
            offlinePushInfo=push,
        ),
    }


def _given(**params: object) -> dict[str, object]:
    """Those that are not None."""
    return {name: value for name, value in params.items() if value is not None}
