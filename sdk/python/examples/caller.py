"""Invites one user and waits for the answer: caller.py URL TOKEN USER DATA [TIMEOUT].

Ends with 0 when the user accepts, 3 when they reject, 4 when the time is over, 1 when the invitation is refused.
"""

import asyncio
import sys

from wigwag import (
    Client,
    InvitationAccepted,
    InvitationRejected,
    InvitationTimedOut,
    Stopped,
    StoppedError,
    WigwagError,
)


async def outcome(client: Client, invite_id: str) -> int:
    async for event in client.events():
        if isinstance(event, InvitationAccepted) and event.invite_id == invite_id:
            print(f"accepted by {event.invitee}", flush=True)
            return 0
        if isinstance(event, InvitationRejected) and event.invite_id == invite_id:
            print(f"rejected by {event.invitee}", flush=True)
            return 3
        if isinstance(event, InvitationTimedOut) and event.invite_id == invite_id:
            print("timed out", flush=True)
            return 4
        if isinstance(event, Stopped):
            print(f"stopped: {event.error.code} {event.error.reason}", flush=True)
    return 1


async def main(url: str, token: str, user: str, data: str, timeout: str = "30") -> int:
    try:
        async with Client(url, token, connect_timeout=None) as client:
            inviting = client.invite(user, data=data, timeout=int(timeout))
            print(f"inviting: {inviting.invite_id}", flush=True)
            try:
                await inviting
            except WigwagError as error:
                print(f"refused: {error.code} {error.reason}", flush=True)
                return 1
            print("invited", flush=True)
            return await outcome(client, inviting.invite_id)
    except StoppedError as error:
        print(f"stopped: {error.code} {error.reason}", flush=True)
        return 1


if len(sys.argv) < 5:
    print("usage: caller.py URL TOKEN USER DATA [TIMEOUT]", file=sys.stderr)
    sys.exit(2)
sys.exit(asyncio.run(main(*sys.argv[1:6])))
