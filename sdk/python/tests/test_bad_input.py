"""Wrong types and values raise before anything is sent, in words that say what to do."""

from collections.abc import Awaitable
from typing import Any, Callable

import pytest
from world import World

from wigwag import Client, RefusedError

OPTIONS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: Client(1, "t"), TypeError, "url must be a str, not int"),  # type: ignore[arg-type]
    (lambda: Client("ws://h", None), TypeError, "token must be a str, not None"),  # type: ignore[arg-type]
    (lambda: Client("ws://h", ""), ValueError, "token is empty; give a UserSig, a JWT, or a function"),
    (lambda: Client("ws://h", "t", user_id=b"bob"), TypeError, "user_id must be a str, not bytes"),  # type: ignore[arg-type]
    (lambda: Client("ws://h", "t", platform="ios"), TypeError, "platform must be an int, not str"),  # type: ignore[arg-type]
    (lambda: Client("ws://h", "t", platform=0), ValueError, "platform must be 1 to 11, not 0"),
    (lambda: Client("ws://h", "t", cursor_file=7), TypeError, "cursor_file must be a path, not int"),  # type: ignore[arg-type]
    (lambda: Client("ws://h", "t", own_acts=1), TypeError, "own_acts must be True or False, not int"),  # type: ignore[arg-type]
    (lambda: Client("ws://h", "t", request_timeout=0), ValueError, "request_timeout must be more than 0"),
    (lambda: Client("ws://h", "t", connect_timeout=float("nan")), ValueError, "connect_timeout must be more than 0"),
    (lambda: Client("ws://h", "t", event_capacity=0), ValueError, "event_capacity must be 1 to 65536, not 0"),
]


@pytest.mark.parametrize(("make", "kind", "words"), OPTIONS, ids=[words for _, _, words in OPTIONS])
def test_an_option_is_refused(make: Callable[[], object], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as refused:
        make()
    assert words in str(refused.value)


STARTS: list[tuple[str, dict[str, Any], str]] = [
    ("http://h", {}, "not a ws:// or wss:// address"),
    ("ws://h", {"user_id": "a b"}, "userID must be 1 to 64 printable ASCII characters without space"),
    ("ws://h", {"device_id": ""}, "deviceID must be 1 to"),
]


@pytest.mark.parametrize(("url", "options", "words"), STARTS, ids=[words for _, _, words in STARTS])
async def test_a_start_is_refused(url: str, options: dict[str, Any], words: str) -> None:
    client = Client(url, "t", **options)
    with pytest.raises(ValueError, match=words):
        await client.connect()
    # Nothing was begun, so nothing has to be closed.
    await client.close()


CALLS: list[tuple[Callable[[Any], Awaitable[object]], type[Exception], str]] = [
    (lambda c: c.invite(7), TypeError, "invitee must be a str, not int"),
    (lambda c: c.invite("a b"), ValueError, "userID must be 1 to 64 printable ASCII characters without space"),
    (lambda c: c.invite(""), ValueError, "userID must be 1 to 64"),
    (lambda c: c.invite("bob", timeout=1.5), TypeError, "timeout must be an int, not float"),
    (lambda c: c.invite("bob", timeout=True), TypeError, "timeout must be an int, not bool"),
    (lambda c: c.invite("bob", timeout=-1), ValueError, "timeout must be 0 to"),
    (lambda c: c.invite("bob", timeout=2**40), ValueError, "invalid value: integer `1099511627776`, expected u32"),
    (lambda c: c.invite("bob", data=b"x"), TypeError, "data must be a str, not bytes"),
    (lambda c: c.invite("bob", data="\ud800"), ValueError, "surrogates not allowed"),
    (lambda c: c.invite("bob", invite_id="é"), ValueError, "inviteID must be 1 to 128 printable ASCII"),
    (lambda c: c.invite("bob", room_id="r"), ValueError, "room_id needs a media_type"),
    (lambda c: c.invite("bob", media_type=3), TypeError, "media_type must be a str, not int"),
    (lambda c: c.invite("bob", online_user_only="no"), TypeError, "online_user_only must be True or False, not str"),
    (lambda c: c.invite("bob", offline_push_info="{}"), TypeError, "offline_push_info must be a dict, not str"),
    (lambda c: c.invite("bob", offline_push_info={"x": {1}}), TypeError, "offline_push_info cannot be written as JSON"),
    (lambda c: c.invite_in_group("g", "bob"), TypeError, "invitee_list must be a list of str, not str"),
    (lambda c: c.invite_in_group("g", ["bob", 7]), TypeError, "invitee_list[1] must be a str, not int"),
    (lambda c: c.invite_in_group("g", ["bob"], notify="nobody"), ValueError, "unknown variant `nobody`"),
    (lambda c: c.accept(None), TypeError, "invite_id must be a str, not None"),
    (lambda c: c.modify("i", data=1), TypeError, "data must be a str, not int"),
    (lambda c: c.cancel("i", invitee_list={"bob"}), TypeError, "invitee_list must be a list of str, not set"),
    (lambda c: c.list_open(limit=0), ValueError, "limit must be 1 to"),
    (lambda c: c.calls.hang_up(), ValueError, "give either call_id or room_id"),
    (lambda c: c.calls.get(call_id="c", room_id="r"), ValueError, "give either call_id or room_id"),
    (lambda c: c.calls.mark_seen("now"), TypeError, "up_to must be an int, not str"),
    (lambda c: c.messages.send_text("hi"), ValueError, "give either user_id or group_id"),
    (lambda c: c.messages.send_text(7, user_id="bob"), TypeError, "text must be a str, not int"),
    (lambda c: c.messages.send("poll", "x", user_id="bob"), TypeError, "content must be a dict, not str"),
    (lambda c: c.messages.send("poll", {}, user_id="bob", options=[1]), TypeError, "options must be a dict, not list"),
    (lambda c: c.messages.mark_read(0, user_id="bob"), ValueError, "seq must be 1 to"),
    (lambda c: c.request(1), TypeError, "method must be a str, not int"),
    (lambda c: c.request("message.sing"), ValueError, 'there is no method "message.sing"'),
    (lambda c: c.request("session.open"), ValueError, "session.open is called by the client itself"),
    (lambda c: c.request("user.get", [1]), TypeError, "params must be a dict, not list"),
    (lambda c: c.request("user.get", {"x": float("inf")}), ValueError, "params cannot be written as JSON"),
    (lambda c: c.request("user.get", {"x": object()}), TypeError, "params cannot be written as JSON"),
]


async def test_a_call_is_refused_before_anything_is_sent(world: World) -> None:
    async with world.client("alice") as alice:
        world.kill()
        for call, kind, words in CALLS:
            with pytest.raises(kind) as refused:
                await call(alice)
            assert words in str(refused.value), words
        assert alice.state in ("connected", "reconnecting")


async def test_what_the_server_refuses_has_its_numbers(world: World) -> None:
    async with world.client("alice") as alice:
        refusals: list[tuple[Awaitable[object], int, str]] = [
            (alice.invite("nobody"), 20003, "unknownUser"),
            (alice.invite("alice"), 6017, "invalidParameter"),
            (alice.accept("no-such"), 8010, "unknown"),
            (alice.invite_in_group("no-such", ["bob"]), 10010, "unknownGroup"),
            (alice.invite("nobody", timeout=86_401), 6017, "invalidParameter"),
            (alice.request("user.get", {"userIDs": "bob"}), -32602, "invalidParams"),
        ]
        for request, code, reason in refusals:
            with pytest.raises(RefusedError) as refused:
                await request
            assert (refused.value.code, refused.value.reason) == (code, reason)


async def test_calls_before_the_sign_in_and_after_the_end_say_so(world: World) -> None:
    alice = world.client("alice")
    assert (alice.state, alice.server_time) == ("idle", None)
    for early in (lambda: alice.invite("bob"), alice.invitations, alice.calls.running):
        with pytest.raises(RuntimeError, match="not connected"):
            early()
    with pytest.raises(RuntimeError, match="nobody is signed in"):
        _ = alice.user_id
    await alice.close()
    assert await alice.connect() == "alice"
    with pytest.raises(RuntimeError, match="connected before"):
        await alice.connect()
    inviting = alice.invite("nobody")
    with pytest.raises(RefusedError):
        await inviting
    with pytest.raises(RuntimeError, match="awaited before"):
        await inviting
    await alice.close()
    with pytest.raises(ConnectionError, match="closed as asked"):
        await alice.accept("i")
