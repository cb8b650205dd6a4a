"""Answers every invitation: callee.py URL TOKEN [CURSOR_FILE].

Accepts those whose data is not "no", and prints what happens. Ends after one whose data is "bye", or when the session ends for good.
"""

import asyncio
import sys
from typing import Optional

from wigwag import (
    Client,
    Connected,
    InvitationCancelled,
    InvitationReceived,
    InvitationTimedOut,
    Stopped,
    StoppedError,
    WigwagError,
)


async def answer(client: Client, invitation: InvitationReceived) -> None:
    print(f"rings: {invitation.invite_id} from {invitation.inviter}: {invitation.data}", flush=True)
    respond = client.reject if invitation.data == "no" else client.accept
    try:
        await respond(invitation.invite_id)
        print("answered: WIGWAG_RESULT_OK 0", flush=True)
    except WigwagError as error:
        print(f"answered: WIGWAG_RESULT_{error.kind.upper()} {error.code} {error.reason}", flush=True)


async def main(url: str, token: str, cursor_file: Optional[str] = None) -> None:
    client = Client(url, token, device_id="callee", cursor_file=cursor_file, connect_timeout=None)
    try:
        async with client:
            async for event in client.events():
                if isinstance(event, Connected):
                    print("connected", flush=True)
                elif isinstance(event, Stopped):
                    print(f"stopped: {event.error.code} {event.error.reason}", flush=True)
                elif isinstance(event, InvitationReceived) and event.rings:
                    await answer(client, event)
                    if event.data == "bye":
                        return
                elif isinstance(event, InvitationCancelled) and not event.still_open:
                    print(f"cancelled: {event.invite_id}", flush=True)
                elif isinstance(event, InvitationTimedOut) and not event.told_before:
                    print(f"timed out: {event.invite_id}", flush=True)
    except StoppedError as error:
        print(f"stopped: {error.code} {error.reason}", flush=True)


if len(sys.argv) < 3:
    sys.exit("usage: callee.py URL TOKEN [CURSOR_FILE]")
asyncio.run(main(*sys.argv[1:4]))
