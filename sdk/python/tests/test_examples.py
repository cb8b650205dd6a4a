"""The examples, as programs."""

import asyncio

from world import Program, World, hears, within

from wigwag import InvitationAccepted


async def said(program: Program, words: str) -> str:
    return await within(asyncio.to_thread(program.says, words))


async def ended(program: Program) -> int:
    return await within(asyncio.to_thread(program.ends))


async def test_two_programs_call_each_other(world: World) -> None:
    alice, bob = world.token("alice"), world.token("bob")
    bobs = Program.example("callee.py", world.url, bob)
    await said(bobs, "connected")

    alices = Program.example("caller.py", world.url, alice, "bob", "dinner?")
    invite_id = await said(alices, "inviting: ")
    assert await said(bobs, "rings: ") == f"{invite_id} from alice: dinner?"
    assert await said(bobs, "answered: ") == "WIGWAG_RESULT_OK 0"
    assert await said(alices, "accepted by ") == "bob"
    assert await ended(alices) == 0

    alices = Program.example("caller.py", world.url, alice, "bob", "no")
    assert await said(alices, "rejected by ") == "bob"
    assert await ended(alices) == 3

    alices = Program.example("caller.py", world.url, alice, "nobody", "?")
    assert await said(alices, "refused: ") == "20003 unknownUser"
    assert await ended(alices) == 1

    alices = Program.example("caller.py", world.url, alice, "bob", "bye")
    assert await said(alices, "accepted by ") == "bob"
    assert await ended(bobs) == 0
    assert await ended(alices) == 0


async def test_a_refused_token_ends_both(world: World) -> None:
    for words in (("callee.py",), ("caller.py", "bob", "?")):
        program = Program.example(words[0], world.url, "nonsense", *words[1:])
        assert (await said(program, "stopped: ")).startswith("70003")
        assert await ended(program) == (0 if words[0] == "callee.py" else 1)


async def test_the_bot_of_twenty_lines_answers_calls_and_everything_else(world: World) -> None:
    bot = Program.example("answer_every_call.py", world.url, world.token("bot"))
    assert await said(bot, "") == "bot answers"
    async with world.client("alice") as alice:
        call = (await alice.invite("bot", media_type="video")).call
        assert call is not None
        await hears(alice, InvitationAccepted)
        assert await said(bot, "accepted: ") == "video call from alice"
        await alice.calls.hang_up(call_id=call.call_id)
        bot.freeze()
        ring = (await alice.invite("bot", data="never mind")).invite_id
        await alice.cancel(ring)
        bot.thaw()
        await alice.invite("bot", data="coffee?")
        await hears(alice, InvitationAccepted)
        assert await said(bot, "accepted: ") == "no call from alice"
    bot.kill()
