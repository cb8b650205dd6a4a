"""What the README shows is run."""

import asyncio
import contextlib
import io
import re
import textwrap

from world import SDK, World, hears

import wigwag
from wigwag import InvitationReceived

BOT, *BLOCKS = re.findall(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.S)


def test_the_bot_of_the_readme_is_the_example() -> None:
    example = (SDK / "examples" / "answer_every_call.py").read_text()
    assert textwrap.indent(BOT, "    ") in example


async def test_the_other_blocks_do_what_they_say(world: World) -> None:
    await world.knows("bob", "carol")
    async with world.client("alice") as alice, world.client("bob", device_id="phone") as bob:
        await alice.request("group.create", {"groupID": "class", "name": "Class", "members": ["bob", "carol"]})
        invite_id = (await alice.invite("bob")).invite_id
        await hears(bob, InvitationReceived)
        await bob.accept(invite_id)
        said = io.StringIO()
        async with world.client("bob", device_id="radio") as radio:
            for block, client in zip(BLOCKS, (alice, alice, radio), strict=True):
                names = {**vars(wigwag), "client": client, "invite_id": invite_id, "asyncio": asyncio}
                exec(f"async def run():\n{textwrap.indent(block, '    ')}", names)
                with contextlib.redirect_stdout(said):
                    await names["run"]()
        assert "answered already, on phone" in said.getvalue()
