"""Waits: cancelled, many, on several event loops, and events that nobody reads."""

import asyncio
import json
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from world import LONGEST, World, hears, within

from wigwag import Client, Event, InvitationReceived, MessageReceived, RequestTimeoutError, StoppedError, _bridge

MANY = 1_000


async def tells(client: Client, user: str, first: int, count: int) -> None:
    """Sends messages 1, 2, 3 …; a few at a time."""
    for number in range(first, first + count):
        content = {"text": str(number)}
        await client.request(
            "message.send", {"userID": user, "type": "text", "content": content, "clientMsgID": str(number)}
        )


async def texts(client: Client, count: int, pause: float = 0) -> list[int]:
    heard: list[int] = []
    async for event in client.events():
        if isinstance(event, MessageReceived):
            heard.append(int(event.message.content["text"]))
            await asyncio.sleep(pause)
            if len(heard) == count:
                break
    return heard


async def test_a_slow_reader_is_told_everything_in_order(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob", event_capacity=16) as bob:
        telling = asyncio.ensure_future(tells(alice, "bob", 0, MANY))
        assert await asyncio.wait_for(texts(bob, MANY, pause=0.0005), 2 * LONGEST) == list(range(MANY))
        await telling


async def test_who_does_not_read_can_still_ask_and_loses_nothing(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob", event_capacity=64) as bob:
        await tells(alice, "bob", 0, 100)
        for _ in range(3):
            profiles = await within(bob.request("user.get", {"userIDs": ["alice"]}))
            assert [profile["userID"] for profile in profiles["profiles"]] == ["alice"]
        assert await within(texts(bob, 100)) == list(range(100))


async def test_a_cancelled_wait_for_events_loses_none(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        telling = asyncio.ensure_future(tells(alice, "bob", 0, 50))
        heard: list[int] = []
        while len(heard) < 50:
            try:
                event: Event = await asyncio.wait_for(bob.events().__anext__(), 0.001)
            except asyncio.TimeoutError:
                continue
            if isinstance(event, MessageReceived):
                heard.append(int(event.message.content["text"]))
        assert heard == list(range(50))
        await telling


async def test_cancelled_requests_leave_nothing_behind(world: World) -> None:
    async with world.client("alice") as alice:
        # Without replies, so that all of them wait when they are cancelled.
        world.kill()
        asking = [asyncio.ensure_future(alice.request("user.getReach")) for _ in range(300)]
        await asyncio.sleep(0)
        for request in asking:
            request.cancel()
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        with _bridge.bridge() as here:
            assert here._waiting == {}
        world.starts()
        assert await within(alice.request("user.getReach"))


async def test_a_cancelled_sign_in_closes_the_client(world: World) -> None:
    world.kill()
    client = world.client("alice", connect_timeout=None)
    connecting = asyncio.ensure_future(client.connect())
    await asyncio.sleep(0)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert client.state == "stopped"
    assert [event async for event in client.events()] == []


async def test_closing_ends_who_reads_and_who_waits(world: World) -> None:
    bob = world.client("bob")
    await bob.connect()
    reading = asyncio.ensure_future(texts(bob, 1))
    await asyncio.sleep(0)
    world.kill()
    asking = asyncio.ensure_future(bob.accept("i"))
    await asyncio.sleep(0)
    await within(bob.close())
    assert await within(reading) == []
    with pytest.raises(StoppedError) as stopped:
        await within(asking)
    assert (stopped.value.code, stopped.value.reason) == (6014, "closed")
    await bob.close()


async def test_a_request_without_a_reply_is_given_up(world: World) -> None:
    async with world.client("bob", request_timeout=0.2) as bob:
        world.kill()
        with pytest.raises(RequestTimeoutError) as late:
            await within(bob.accept("i"))
        assert (late.value.code, late.value.reason) == (9520, "requestTimeout")
        assert isinstance(late.value, TimeoutError)


async def test_one_task_reads(world: World) -> None:
    async with world.client("bob") as bob:
        reading = asyncio.ensure_future(texts(bob, 1))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task reads these events"):
            await bob.events().__anext__()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


def test_two_threads_have_event_loops_of_their_own(world: World) -> None:
    ready = threading.Event()
    heard: list[Any] = []

    async def answers() -> None:
        async with world.client("bob") as bob:
            ready.set()
            invitation = await hears(bob, InvitationReceived)
            heard.append(await bob.accept(invitation.invite_id))

    thread = threading.Thread(target=lambda: asyncio.run(answers()))
    thread.start()
    assert ready.wait(LONGEST)

    async def calls() -> None:
        async with world.client("alice") as alice:
            await alice.invite("bob")

    asyncio.run(calls())
    thread.join(LONGEST)
    assert [reply.version for reply in heard] == [2]


async def test_a_client_may_be_closed_in_another_thread(world: World) -> None:
    alice = world.client("alice")
    await alice.connect()
    with _bridge.bridge() as here:
        before = here.users
        await asyncio.to_thread(asyncio.run, alice.close())
        # What the other thread left to this event loop to do.
        await asyncio.sleep(0)
        assert here.users == before - 1


def test_a_client_is_used_from_other_event_loops(world: World) -> None:
    loop = asyncio.new_event_loop()
    alice = world.client("alice")
    loop.run_until_complete(alice.connect())
    # Another one, while the one that it was connected on stands still.
    assert asyncio.run(alice.request("user.getReach"))
    assert loop.run_until_complete(alice.request("user.getReach"))
    asyncio.run(alice.close())
    loop.close()
    assert alice.state == "stopped"


def test_an_event_loop_that_cannot_watch_a_socket_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise NotImplementedError

    loop = asyncio.new_event_loop()
    monkeypatch.setattr(loop, "add_reader", refuses)
    with pytest.raises(RuntimeError, match="EventLoop cannot watch a socket"):
        loop.run_until_complete(Client("ws://127.0.0.1:1", "t").connect())
    loop.close()


def test_a_forgotten_client_warns_and_is_closed(world: World) -> None:
    async def forgets() -> None:
        await world.client("bob").connect()

    with pytest.warns(ResourceWarning, match="was not closed"):
        asyncio.run(forgets())


async def test_a_forgotten_client_that_asks_for_tokens_is_closed(world: World) -> None:
    token = world.token("bob")
    bob = Client(world.url, lambda: token)
    await bob.connect()
    giver, forgotten = bob._tokens, weakref.ref(bob)
    with pytest.warns(ResourceWarning, match="was not closed"):
        del bob
    assert forgotten() is None
    assert giver is not None
    await within(giver._task)


def test_an_event_loop_may_go_on_in_another_thread(world: World) -> None:
    loop = asyncio.new_event_loop()
    alice = world.client("alice")
    loop.run_until_complete(alice.connect())
    with ThreadPoolExecutor(1) as threads:
        threads.submit(loop.run_until_complete, alice.close()).result(LONGEST)
    loop.close()
    assert alice.state == "stopped"


async def test_a_client_that_asks_for_tokens_may_be_closed_in_another_thread(world: World) -> None:
    # Then the event loop refuses what is no other thread's to do.
    asyncio.get_running_loop().set_debug(True)
    token = world.token("alice")
    alice = Client(world.url, lambda: token)
    await alice.connect()
    giver = alice._tokens
    await asyncio.to_thread(asyncio.run, alice.close())
    assert giver is not None
    # It may hear of the client's end before it is cancelled; either way it is over.
    await asyncio.wait({giver._task}, timeout=LONGEST)
    assert giver._task.cancelled() or giver._task.exception() is None


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_token_function_that_is_cancelled_is_asked_again(world: World, is_async: bool) -> None:
    token = world.token("alice")
    asked = 0

    def gives() -> str:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise asyncio.CancelledError
        return token

    async def gives_later() -> str:
        await asyncio.sleep(0)
        return gives()

    async with Client(world.url, gives_later if is_async else gives, connect_timeout=LONGEST) as alice:
        assert (alice.user_id, asked) == ("alice", 2)


async def test_requests_that_nobody_waits_for_are_sent(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        for number in range(MANY):
            content = {"text": str(number)}
            params = {"userID": "bob", "type": "text", "content": content, "clientMsgID": str(number)}
            # Its result is forgotten at once.
            alice._connected().request("message.send", json.dumps(params))
        assert sorted(await within(texts(bob, MANY))) == list(range(MANY))
