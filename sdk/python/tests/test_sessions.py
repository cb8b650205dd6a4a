"""Stories of signing in, being away and coming back."""

import asyncio
from pathlib import Path

import pytest
from world import Program, World, hears, within

from wigwag import (
    Client,
    Connected,
    Event,
    InvitationAccepted,
    InvitationReceived,
    InvitationTimedOut,
    Reconnecting,
    Resynced,
    Stopped,
    StoppedError,
)


async def test_a_device_that_was_away_is_told_what_happened_meanwhile(world: World) -> None:
    cursor = world.home / "cursor"
    async with world.client("bob", device_id="radio", cursor_file=cursor) as bob:
        await hears(bob, Resynced)
        # To ask for the next event is what says that this one was dealt with.
        await hears_nothing(bob)
    async with world.client("alice") as alice:
        short = (await alice.invite("bob", data="short", timeout=1)).invite_id
        await hears(alice, InvitationTimedOut)
        long = (await alice.invite("bob", data="long", timeout=300)).invite_id
        async with world.client("bob", device_id="radio", cursor_file=cursor) as bob:
            assert (await hears(bob, InvitationTimedOut)).invite_id == short
            rings = await hears(bob, InvitationReceived)
            assert (rings.invite_id, rings.rings, rings.told_before) == (long, True, False)
            await bob.accept(long)
        assert (await hears(alice, InvitationAccepted)).invite_id == long


async def test_what_waits_rings_at_the_first_sign_in(world: World) -> None:
    await world.knows("bob")
    async with world.client("alice") as alice:
        invite_id = (await alice.invite("bob", timeout=300)).invite_id
        async with world.client("bob") as bob:
            assert [open.invite_id for open in (await hears(bob, Resynced)).open_invitations] == [invite_id]
            rings = await hears(bob, InvitationReceived)
            assert (rings.invite_id, rings.cursor, rings.rings) == (invite_id, 0, True)


async def test_an_exception_leaves_the_event_in_hand_for_the_next_start(world: World) -> None:
    cursor = world.home / "cursor"
    await world.knows("bob")
    async with world.client("bob", device_id="radio", cursor_file=cursor) as bob:
        await hears(bob, Resynced)
    async with world.client("alice") as alice:
        first = (await alice.invite("bob", timeout=300)).invite_id

        async def dies() -> None:
            async with world.client("bob", device_id="radio", cursor_file=cursor) as bob:
                await hears(bob, InvitationReceived, lambda event: event.cursor > 0)
                raise KeyError("a fault of the app's")

        with pytest.raises(KeyError):
            await dies()
        async with world.client("bob", device_id="radio", cursor_file=cursor) as bob:
            again = await hears(bob, InvitationReceived, lambda event: event.cursor > 0)
            assert again.invite_id == first
        async with world.client("bob", device_id="radio", cursor_file=cursor) as bob:
            second = (await alice.invite("bob", timeout=300)).invite_id
            told = await hears(bob, InvitationReceived, lambda event: event.cursor > 0)
            assert told.invite_id == second, "an orderly end says that it was dealt with"


async def test_a_killed_program_is_told_what_rings_and_what_is_over(world: World) -> None:
    words = ("callee.py", world.url, world.token("bob"), str(world.home / "cursor"))
    async with world.client("alice") as alice:
        # An orderly end stores how far it was told; a kill stores nothing.
        bobs = Program.example(*words)
        await said(bobs, "connected")
        await alice.invite("bob", data="bye")
        await hears(alice, InvitationAccepted)
        assert await ended(bobs) == 0
        bobs = Program.example(*words)
        await said(bobs, "connected")
        bobs.kill()
        short = (await alice.invite("bob", data="short", timeout=1)).invite_id
        await hears(alice, InvitationTimedOut)
        long = (await alice.invite("bob", data="long", timeout=300)).invite_id
        bobs = Program.example(*words)
        assert await said(bobs, "timed out: ") == short
        assert await said(bobs, "rings: ") == f"{long} from alice: long"
        await hears(alice, InvitationAccepted)
        bobs.kill()


async def test_a_server_that_comes_back_goes_on_with_the_session(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        await hears(bob, Connected)
        world.kill()
        lost = await hears(bob, Reconnecting)
        assert (lost.error.code, lost.error.reason, lost.error.retryable) == (9508, "connectionLost", True)
        assert lost.error.retry_after_ms is not None
        # Waits for the server, because an invitation is safe to send again.
        inviting = alice.invite("bob", timeout=300)
        world.starts()
        await within(inviting)
        assert (await hears(bob, InvitationReceived)).invite_id == inviting.invite_id
        assert bob.state == "connected"


async def test_a_revoked_token_ends_the_session(world: World) -> None:
    bob, again = world.client("bob"), world.client("bob")
    async with bob:
        await asyncio.to_thread(world.revokes, "bob")
        # The server says that the session needs another token, and there is none.
        stopped = await hears(bob, Stopped)
        assert (stopped.error.code, stopped.error.reason) == (70001, "tokenExpired")
        with pytest.raises(StoppedError) as refused:
            await bob.accept("i")
        assert refused.value.code == 70001
        with pytest.raises(StoppedError) as refused:
            await again.connect()
        assert (refused.value.code, refused.value.reason) == (70052, "tokenRevoked")
        assert [event async for event in bob.events()] == []


async def test_a_second_session_of_the_device_ends_the_first(world: World) -> None:
    def gives() -> str:
        return world.token("bob")

    async with Client(world.url, gives, device_id="radio") as first, world.client("bob", device_id="radio"):
        stopped = await hears(first, Stopped)
        assert (stopped.error.code, stopped.error.reason) == (6208, "kicked")
        assert stopped.error.close_code is not None


@pytest.mark.parametrize(
    ("token", "options", "code"),
    [
        ("nonsense", {}, 70003),
        ("bob's", {"user_id": "alice"}, 70013),
        ("expired", {}, 70001),
    ],
)
async def test_a_sign_in_that_is_refused_says_why(world: World, token: str, options: dict[str, str], code: int) -> None:
    tokens = {"bob's": world.token("bob"), "expired": world.token("bob", ttl=-10)}
    client = Client(world.url, tokens.get(token, token), **options)  # type: ignore[arg-type]
    with pytest.raises(StoppedError) as refused:
        await client.connect()
    assert refused.value.code == code
    assert client.state == "stopped"


async def test_nobody_at_the_address_is_given_up_in_time(world: World) -> None:
    world.kill()
    with pytest.raises(StoppedError) as refused:
        await Client(world.url, "t", connect_timeout=0.2).connect()
    assert (refused.value.code, refused.value.reason) == (9508, "connectTimeout")


async def test_a_token_may_come_from_a_function(world: World) -> None:
    asked = []

    async def fetches() -> str:
        await asyncio.sleep(0)
        asked.append("async")
        return world.token("bob")

    def gives() -> str:
        asked.append("plain")
        return world.token("bob")

    for function in (fetches, gives):
        async with Client(world.url, function) as bob:
            assert bob.user_id == "bob"
    assert asked == ["async", "plain"]


async def test_a_function_that_fails_is_named(world: World) -> None:
    def fails() -> str:
        raise OSError("the back end is away")

    with pytest.raises(StoppedError) as refused:
        await Client(world.url, fails, connect_timeout=2).connect()
    assert isinstance(refused.value.__cause__, OSError)

    def forgets() -> str:
        return None  # type: ignore[return-value]

    with pytest.raises(StoppedError) as refused:
        await Client(world.url, forgets, connect_timeout=2).connect()
    assert "must be a str, not None" in str(refused.value.__cause__)


async def test_the_cursor_file_is_named_when_it_is_damaged(world: World, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.write_text("seven")
    with pytest.raises(OSError, match="delete it to start at the head"):
        await world.client("bob", cursor_file=damaged).connect()


async def hears_nothing(client: Client) -> None:
    """Asks for the next event, of which there is none, and gives up."""
    waiting: asyncio.Task[Event] = asyncio.ensure_future(anext_of(client))
    done, _ = await asyncio.wait([waiting], timeout=0)
    assert not done
    waiting.cancel()
    await asyncio.wait([waiting])


async def anext_of(client: Client) -> Event:
    return await client.events().__anext__()


async def said(program: Program, words: str) -> str:
    return await within(asyncio.to_thread(program.says, words))


async def ended(program: Program) -> int:
    return await within(asyncio.to_thread(program.ends))
