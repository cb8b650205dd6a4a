"""What `client.events()` gives.

Tell events apart by their class: `if isinstance(event, InvitationReceived)`, or with `match` from Python 3.10. Classes may be added; pass over
those that you do not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from wigwag._decode import decode
from wigwag.errors import WigwagError, error_of
from wigwag.shapes import CallEndReason, CallLink, Device, Invitation, LeaveReason, Message, MessagePlace, PersonState

Cause = Literal["leftGroup", "inviterLeft", "groupDismissed", "callOver"]
ProgressStep = Literal["unreachable", "sent", "acknowledged", "ringing", "pushed", "pushRefused"]


@dataclass(frozen=True)
class Event:
    """Something that the app should know."""


# What the client tells of itself.


@dataclass(frozen=True)
class Connecting(Event):
    """A connection is being made, for the first time or again."""


@dataclass(frozen=True)
class Connected(Event):
    """Signed in."""

    user_id: str
    server_time: Optional[int] = None


@dataclass(frozen=True)
class Reconnecting(Event):
    """The connection was lost and will be made again after `error.retry_after_ms`."""

    error: WigwagError


@dataclass(frozen=True)
class Stopped(Event):
    """The client will not connect again; `error` says why. The last event."""

    error: WigwagError


@dataclass(frozen=True)
class Resynced(Event):
    """The stream starts anew: replace what you keep about open invitations. Those that wait for this user follow as received."""

    #: "noCursor": the first sign-in of this device. "cursorTooOld": it was away for too long, and events may be missing.
    why: Literal["noCursor", "cursorTooOld"]
    open_invitations: tuple[Invitation, ...] = ()


@dataclass(frozen=True)
class CursorNotStored(Event):
    """The cursor file could not be written; told once until it can. Events may be told again after a restart."""

    error: WigwagError


# The user's stream.


@dataclass(frozen=True)
class StreamEvent(Event):
    """Something that happened. What the client tells by itself (a ring at the sign-in, its end while offline) has the cursor 0."""

    #: Its place in the user's stream.
    cursor: int
    #: When it happened, the server's ms since 1970.
    time: int
    #: A command of this user's caused it, on whichever device.
    by_self: bool = field(metadata={"key": "self"})
    #: This device did it itself; only with `own_acts`.
    own: bool


@dataclass(frozen=True)
class InvitationReceived(StreamEvent):
    """Somebody is invited. In a group every member is told; `rings` says whether this is for this user, now."""

    #: It is news, somebody else invites this user, and they are not in another call: answer it.
    rings: bool
    #: The app was told of it before.
    told_before: bool
    #: It has no deadline and was more than a minute old at the sign-in: it need not ring.
    is_past: bool
    invite_id: str
    inviter: str
    invitee_list: tuple[str, ...]
    data: str
    #: Seconds; 0 = no deadline.
    timeout: int
    version: int
    group_id: Optional[str] = None
    deadline: Optional[int] = None
    #: How long it still rings by the server's clock.
    remaining_ms: Optional[int] = None
    online_user_only: bool = False
    device: Optional[Device] = None
    #: The call that it invites into.
    call: Optional[CallLink] = None
    #: Invitees who are in another call and do not ring.
    busy_line_user_id_list: tuple[str, ...] = ()
    message: Optional[MessagePlace] = None


@dataclass(frozen=True)
class InvitationAnswered(StreamEvent):
    """An answer; see `InvitationAccepted` and `InvitationRejected`."""

    invite_id: str
    inviter: str
    invitee: str
    data: str
    version: int
    group_id: Optional[str] = None
    #: Set when no command of the invitee's was behind it.
    reason: Optional[Cause] = None
    device: Optional[Device] = None
    message: Optional[MessagePlace] = None


@dataclass(frozen=True)
class InvitationAccepted(InvitationAnswered):
    """An invitee accepted."""


@dataclass(frozen=True)
class InvitationRejected(InvitationAnswered):
    """An invitee rejected, or left the group."""


@dataclass(frozen=True)
class InvitationClosed(StreamEvent):
    """An end without an answer; see `InvitationCancelled` and `InvitationTimedOut`."""

    #: The app was told of this end before.
    told_before: bool
    invite_id: str
    inviter: str
    invitee_list: tuple[str, ...]
    data: str
    version: int
    group_id: Optional[str] = None
    #: A cancel that took it back from `invitee_list` alone: others are still asked.
    still_open: bool = False
    #: Set when no command of the inviter's was behind a cancel.
    reason: Optional[Cause] = None
    device: Optional[Device] = None
    message: Optional[MessagePlace] = None


@dataclass(frozen=True)
class InvitationCancelled(InvitationClosed):
    """The inviter took it back, left the group or dismissed it."""


@dataclass(frozen=True)
class InvitationTimedOut(InvitationClosed):
    """The deadline passed. `invitee_list` are those who had not answered."""


@dataclass(frozen=True)
class InvitationModified(StreamEvent):
    """Its data was replaced."""

    invite_id: str
    inviter: str
    by: str
    data: str
    version: int
    group_id: Optional[str] = None


@dataclass(frozen=True)
class InvitationProgress(StreamEvent):
    """How far an invitation is with a device of an invitee: to the inviter who asked for `progress`, while the invitee is pending."""

    invite_id: str
    invitee: str
    #: "unreachable" comes at once, and without a device, when none is connected and none can be woken.
    step: ProgressStep
    device: Optional[Device] = None
    group_id: Optional[str] = None


@dataclass(frozen=True)
class CallEvent(StreamEvent):
    """Something about a call."""

    call_id: str
    room_id: str
    #: The call's version after this.
    version: int


@dataclass(frozen=True)
class CallInvited(CallEvent):
    """More people ring. A call between two has none: the invitation says it."""

    by: str
    invite_id: str
    user_ids: tuple[str, ...]
    busy_line_user_id_list: tuple[str, ...] = ()
    group_id: Optional[str] = None


@dataclass(frozen=True)
class CallJoined(CallEvent):
    """Somebody came in, or their call moved to another device of theirs."""

    user_id: str
    device: Optional[Device] = None
    group_id: Optional[str] = None


@dataclass(frozen=True)
class CallDeclined(CallEvent):
    """People who rang will not come."""

    user_ids: tuple[str, ...]
    state: PersonState
    #: Set when this ended the call.
    end_reason: Optional[CallEndReason] = None
    group_id: Optional[str] = None


@dataclass(frozen=True)
class CallHungUp(CallEvent):
    """Somebody who was in the call is not any more."""

    user_id: str
    reason: LeaveReason
    #: How long people have talked so far; 0 when nobody answered.
    duration_ms: int
    #: Set when this ended the call.
    end_reason: Optional[CallEndReason] = None
    group_id: Optional[str] = None


@dataclass(frozen=True)
class CallEnded(CallEvent):
    """The call ended without anybody's doing in it."""

    end_reason: CallEndReason
    duration_ms: int
    group_id: Optional[str] = None


@dataclass(frozen=True)
class CallSignal(CallEvent):
    """From one in the call to the others."""

    sender: str
    data: str
    device: Optional[Device] = None
    #: Who alone was meant.
    to: Optional[str] = None
    group_id: Optional[str] = None


@dataclass(frozen=True)
class MessageReceived(StreamEvent):
    """A message came. An invitation and the message it leaves are one event, so none of these follows."""

    message: Message


@dataclass(frozen=True)
class OtherEvent(StreamEvent):
    """Everything else: groups, users, what became of messages, and what a newer server tells."""

    #: The type in docs/protocol.md, such as "group.membersAdded".
    name: str
    #: The params of the event there.
    params: Mapping[str, Any]


_CLASSES: Mapping[str, type[StreamEvent]] = {
    "invitation.received": InvitationReceived,
    "invitation.accepted": InvitationAccepted,
    "invitation.rejected": InvitationRejected,
    "invitation.cancelled": InvitationCancelled,
    "invitation.timedOut": InvitationTimedOut,
    "invitation.modified": InvitationModified,
    "invitation.progress": InvitationProgress,
    "call.invited": CallInvited,
    "call.joined": CallJoined,
    "call.declined": CallDeclined,
    "call.hungUp": CallHungUp,
    "call.ended": CallEnded,
    "call.signal": CallSignal,
    "message.received": MessageReceived,
}

_TROUBLES: Mapping[str, type[Any]] = {
    "client.reconnecting": Reconnecting,
    "client.stopped": Stopped,
    "client.cursorNotStored": CursorNotStored,
}

_STATES: Mapping[str, type[Event]] = {
    "client.connecting": Connecting,
    "client.connected": Connected,
    "client.resynced": Resynced,
}


def event_of(name: str, fields: Mapping[str, Any]) -> Event:
    """The event that the native side tells."""
    if name in _TROUBLES:
        told: Event = _TROUBLES[name](error_of(fields["error"]))
        return told
    known = _CLASSES.get(name) or _STATES.get(name)
    if known is not None:
        return decode(known, fields)
    return OtherEvent(
        cursor=fields.get("cursor", 0),
        time=fields.get("time", 0),
        by_self=fields.get("self", False),
        own=fields.get("own", False),
        name=name,
        params=fields,
    )
