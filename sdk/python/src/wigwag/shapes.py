"""What replies and events are made of. The names are those of docs/protocol.md in snake_case; times are the server's, ms since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

InviteeState = Literal["pending", "accepted", "rejected", "timedOut", "cancelled", "removed"]
EndReason = Literal[
    "completed", "cancelled", "timedOut", "groupDismissed", "inviterLeft", "expired", "callOver", "merged"
]
PersonState = Literal["ringing", "joined", "left", "rejected", "busy", "timedOut", "cancelled", "removed"]
LeaveReason = Literal["hungUp", "connectionLost", "joinedAnother", "leftGroup", "callEnded"]
CallEndReason = Literal[
    "hungUp",
    "cancelled",
    "rejected",
    "busy",
    "timedOut",
    "connectionLost",
    "joinedAnother",
    "leftGroup",
    "groupDismissed",
]


@dataclass(frozen=True)
class Device:
    """A device as others may see it."""

    device_id: str
    platform: int


@dataclass(frozen=True)
class Outcome:
    """How an invitation was settled, told to a command that came too late."""

    #: Where the invitee stands who asked; None when the inviter asked.
    state: Optional[InviteeState] = None
    #: Why the invitation ended; None while it is open for others.
    end_reason: Optional[EndReason] = None
    #: Who settled it, if a person did.
    user_id: Optional[str] = None
    #: With which device.
    device: Optional[Device] = None
    at: Optional[int] = None


@dataclass(frozen=True)
class CallLink:
    """A call by its names."""

    call_id: str
    room_id: str
    #: "audio", "video", or a word of the app's.
    media_type: str


@dataclass(frozen=True)
class IceServer:
    """A STUN or TURN server, as browsers take it."""

    urls: tuple[str, ...]
    username: Optional[str] = None
    credential: Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class MediaAccess:
    """What one user needs to join the media of one call. Keep it out of logs; `repr` shows no secret."""

    #: "p2p", "livekit", or "none" when the app has media of its own.
    provider: str
    live_url: Optional[str] = None
    token: Optional[str] = field(default=None, repr=False)
    ice_servers: tuple[IceServer, ...] = ()
    expires_at: Optional[int] = None


@dataclass(frozen=True)
class CallEntry(CallLink):
    """What is needed to take part in a call."""

    media: MediaAccess
    #: Invitees who are in another call and do not ring.
    busy_line_user_id_list: tuple[str, ...] = ()
    #: The two called each other: this invitation of the other's was accepted instead.
    accepted: Optional[str] = None


@dataclass(frozen=True)
class MessagePlace:
    """Where the message stands that an action on an invitation left."""

    message_id: str
    conversation: str
    seq: Optional[int] = None


@dataclass(frozen=True)
class InvitationReply:
    """What became of an invite, accept, reject, cancel or modify."""

    invite_id: str
    time: int
    #: The version that it produced.
    version: int
    #: Its place in the user's stream.
    cursor: Optional[int] = None
    #: On invites with a deadline.
    deadline: Optional[int] = None
    message: Optional[MessagePlace] = None
    #: Invitees who were left out: no members, or they block the inviter, or too much waits for them.
    ignored_invitees: tuple[str, ...] = ()
    #: On invites into a call, and on accepts of those.
    call: Optional[CallEntry] = None


@dataclass(frozen=True)
class Invitee:
    """One invitee of an invitation."""

    user_id: str
    state: InviteeState
    at: Optional[int] = None
    #: The device that answered.
    device: Optional[Device] = None
    #: The answer's data.
    data: str = ""
    #: They were in another call: not rung, and counted as rejected.
    busy: bool = False


@dataclass(frozen=True)
class Invitation:
    """An invitation, open or ended."""

    invite_id: str
    inviter: str
    invitees: tuple[Invitee, ...]
    data: str
    #: Seconds; 0 = no deadline.
    timeout: int
    created_at: int
    status: Literal["open", "ended"]
    #: 1 at the invite, plus 1 with every transition.
    version: int
    inviter_device: Optional[Device] = None
    group_id: Optional[str] = None
    #: Device and data of some answers are left out; `get` gives them in pages.
    answers_left_out: bool = False
    deadline: Optional[int] = None
    #: What is left by the server's clock, while it is open and has a deadline.
    remaining_ms: Optional[int] = None
    online_user_only: bool = False
    call: Optional[CallLink] = None
    end_reason: Optional[EndReason] = None


@dataclass(frozen=True)
class Person:
    """One person of a call."""

    user_id: str
    state: PersonState
    at: int
    #: The device that they are in the call with.
    device: Optional[Device] = None
    #: The newest invitation that rang them.
    invite_id: Optional[str] = None
    joined_at: Optional[int] = None
    reason: Optional[LeaveReason] = None


@dataclass(frozen=True)
class Call(CallLink):
    """A call, running or over."""

    caller: str
    created_at: int
    people: tuple[Person, ...]
    #: From the answer to the end, or to now; 0 when nobody answered.
    duration_ms: int
    version: int
    group_id: Optional[str] = None
    answered_at: Optional[int] = None
    ended_at: Optional[int] = None
    end_reason: Optional[CallEndReason] = None
    #: This user was called and could not come.
    missed: bool = False


@dataclass(frozen=True)
class Joined(CallEntry):
    """What `call.join` gives."""

    time: int = 0
    cursor: Optional[int] = None


@dataclass(frozen=True)
class InvitationPage:
    """A page of open invitations."""

    invitations: tuple[Invitation, ...]
    #: Give it as `after` for the next page; None on the last.
    next: Optional[str] = None


@dataclass(frozen=True)
class CallPage:
    """A page of calls, the newest first."""

    calls: tuple[Call, ...]
    #: Missed calls that began up to then were looked at.
    seen_up_to: int
    #: Give it as `after` for the next page; None on the last.
    next: Optional[str] = None


@dataclass(frozen=True)
class Message:
    """A message."""

    message_id: str
    conversation: str
    sender: str
    time: int
    #: "text", "custom", or another name of the app's.
    kind: str = field(metadata={"key": "type"})
    #: `{"text": …}`, `{"data": …}`, or whatever belongs to the type.
    content: Mapping[str, Any]
    seq: Optional[int] = None
    client_msg_id: Optional[str] = field(default=None, metadata={"key": "clientMsgID"})
    receiver: Optional[str] = None
    group_id: Optional[str] = None
    cloud_custom_data: str = ""
    online_user_only: bool = False
    excluded_from_unread: bool = False
    excluded_from_last_message: bool = False
    revoked: bool = False


@dataclass(frozen=True)
class MessageSent:
    """What became of a message."""

    message_id: str
    conversation: str
    time: int
    #: Its place in the conversation; None for one that only those online get.
    seq: Optional[int] = None
    cursor: Optional[int] = None


@dataclass(frozen=True)
class History:
    """A page of a conversation."""

    messages: tuple[Message, ...]
    #: Nothing follows in that direction. Otherwise go on beside the last message's `seq`.
    complete: bool
