"""Answers every call, and every other invitation: python answer_every_call.py URL TOKEN."""

import asyncio
import sys
from contextlib import suppress

from wigwag import Client, InvitationReceived, RefusedError


async def main(url: str, token: str) -> None:
    async with Client(url, token) as client:
        print(f"{client.user_id} answers", flush=True)
        async for event in client.events():
            if isinstance(event, InvitationReceived) and event.rings:
                with suppress(RefusedError):  # whoever rang has given up meanwhile
                    call = (await client.accept(event.invite_id)).call
                    print(f"accepted: {call.media_type if call else 'no'} call from {event.inviter}", flush=True)


asyncio.run(main(*sys.argv[1:3]))
