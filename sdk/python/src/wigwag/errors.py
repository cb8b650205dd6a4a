"""What goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Optional

from wigwag._decode import decode
from wigwag.shapes import Outcome

Kind = Literal["refused", "timed_out", "disconnected", "stopped", "unreadable", "system"]


@dataclass(frozen=True)
class Trouble:
    """What went wrong, with the numbers and reasons of docs/protocol.md, "Errors"."""

    kind: Kind
    #: The number that the field knows. Several reasons may share one.
    code: int
    #: Tells apart what one number lumps together. Decide by it; for one that you do not know, by `retryable`.
    reason: str
    #: For developers.
    message: str
    #: Whether the same can succeed later without being changed.
    retryable: bool
    #: How long to wait before trying again, ms.
    retry_after_ms: Optional[int] = None
    #: Which parameter is wrong, in the protocol's words.
    field: Optional[str] = None
    #: What beat a command on an invitation.
    outcome: Optional[Outcome] = None
    #: The WebSocket close code, when a close was behind it.
    close_code: Optional[int] = None


class WigwagError(Exception):
    """Every refusal of the server and every failure of the client. Its attributes are those of `Trouble`."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.kind = trouble.kind
        self.code = trouble.code
        self.reason = trouble.reason
        self.message = trouble.message
        self.retryable = trouble.retryable
        self.retry_after_ms = trouble.retry_after_ms
        self.field = trouble.field
        self.outcome = trouble.outcome
        self.close_code = trouble.close_code

    def __str__(self) -> str:
        where = f", {self.field}" if self.field else ""
        return f"{self.message} ({self.code} {self.reason}{where})"


class RefusedError(WigwagError):
    """The server said no; nothing was done."""


class RequestTimeoutError(WigwagError, TimeoutError):
    """No reply came in time. The command may have been carried out."""


class DisconnectedError(WigwagError, ConnectionError):
    """The connection was lost before the reply of a command that is not safe to repeat. It may have been carried out."""


class StoppedError(WigwagError, ConnectionError):
    """The client has stopped and will not connect again: closed, replaced, refused at the sign-in, or never connected."""


class UnreadableError(WigwagError):
    """The server sent a reply that this version cannot read."""


class StoreError(WigwagError, OSError):
    """The cursor could not be stored."""

    def __str__(self) -> str:
        return WigwagError.__str__(self)


_KINDS: Mapping[Kind, type[WigwagError]] = {
    "refused": RefusedError,
    "timed_out": RequestTimeoutError,
    "disconnected": DisconnectedError,
    "stopped": StoppedError,
    "unreadable": UnreadableError,
    "system": StoreError,
}


def error_of(fields: Mapping[str, Any]) -> WigwagError:
    """The exception for what the native side says."""
    trouble = decode(Trouble, fields)
    return _KINDS[trouble.kind](trouble)
