"""Stories of calls."""

from world import World, hears

from wigwag import CallHungUp, CallSignal, IceServer, InvitationAccepted, InvitationReceived, MediaAccess


async def test_a_call_is_answered_and_hung_up(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        reply = await alice.invite("bob", media_type="video")
        assert reply.call is not None
        assert (reply.call.media_type, reply.call.media.provider) == ("video", "p2p")
        rings = await hears(bob, InvitationReceived)
        assert rings.call is not None
        assert rings.call.call_id == reply.call.call_id
        joined = (await bob.accept(rings.invite_id)).call
        assert joined is not None
        assert joined.room_id == reply.call.room_id
        await hears(alice, InvitationAccepted)
        assert [call.call_id for call in alice.calls.running()] == [joined.call_id]
        await bob.calls.signal("offer", call_id=joined.call_id)
        signal = await hears(alice, CallSignal)
        assert (signal.sender, signal.data) == ("bob", "offer")
        await alice.calls.hang_up(call_id=joined.call_id)
        hung_up = await hears(bob, CallHungUp)
        assert (hung_up.user_id, hung_up.reason, hung_up.end_reason) == ("alice", "hungUp", "hungUp")
        assert bob.calls.running() == []
        record = await bob.calls.get(room_id=joined.room_id)
        assert record.end_reason == "hungUp"
        assert [person.user_id for person in record.people] == ["alice", "bob"]
        assert bob.calls.known(joined.call_id) == record


async def test_a_call_that_rings_in_vain_is_missed_until_it_is_seen(world: World) -> None:
    await world.knows("bob")
    async with world.client("alice") as alice:
        reply = await alice.invite("bob", media_type="audio")
        assert reply.call is not None
        await alice.calls.hang_up(room_id=reply.call.room_id)
    async with world.client("bob") as bob:
        page = await bob.calls.list(missed=True, limit=10)
        assert [(call.caller, call.end_reason, call.missed) for call in page.calls] == [("alice", "cancelled", True)]
        await bob.calls.mark_seen(page.calls[0].created_at)
        assert (await bob.calls.list()).seen_up_to == page.calls[0].created_at


async def test_who_is_in_a_call_does_not_ring(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob, world.client("carol") as carol:
        first = await alice.invite("bob", media_type="audio")
        await hears(bob, InvitationReceived)
        await bob.accept(first.invite_id)
        second = await carol.invite("bob", media_type="audio")
        assert second.call is not None
        assert second.call.busy_line_user_id_list == ("bob",)
        told = await hears(bob, InvitationReceived, lambda event: event.invite_id == second.invite_id)
        assert not told.rings


def test_secrets_are_not_shown() -> None:
    turn = IceServer(urls=("turn:a",), username="1:alice", credential="s3cret")
    shown = repr(MediaAccess(provider="livekit", token="s3cret", ice_servers=(turn,)))
    assert "1:alice" in shown
    assert "s3cret" not in shown
