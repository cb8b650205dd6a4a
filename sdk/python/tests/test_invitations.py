"""Stories of invitations."""

import pytest
from world import World, hears

from wigwag import (
    InvitationAccepted,
    InvitationCancelled,
    InvitationModified,
    InvitationProgress,
    InvitationReceived,
    InvitationRejected,
    InvitationTimedOut,
    OtherEvent,
    RefusedError,
)


async def test_an_invitation_is_accepted(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        inviting = alice.invite("bob", data="dinner?", timeout=60)
        reply = await inviting
        assert reply.invite_id == inviting.invite_id
        assert reply.version == 1
        assert reply.deadline == reply.time + 60_000
        assert reply.message is not None
        assert reply.call is None
        rings = await hears(bob, InvitationReceived)
        assert (rings.inviter, rings.invitee_list, rings.data, rings.rings) == ("alice", ("bob",), "dinner?", True)
        assert rings.remaining_ms is not None
        assert 0 < rings.remaining_ms <= 60_000
        assert [known.invite_id for known in bob.invitations()] == [inviting.invite_id]
        await bob.accept(inviting.invite_id, data="yes")
        answer = await hears(alice, InvitationAccepted)
        assert (answer.invitee, answer.data, answer.version) == ("bob", "yes", 2)
        known = alice.invitation(inviting.invite_id)
        assert known is not None
        assert (known.status, known.end_reason, known.invitees[0].data) == ("ended", "completed", "yes")
        assert await bob.get(inviting.invite_id) == bob.invitation(inviting.invite_id)
        assert bob.invitations() == []


async def test_an_invitation_is_rejected_and_the_second_answer_is_told_what_was_first(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob", device_id="phone") as bob:
        invite_id = (await alice.invite("bob")).invite_id
        await hears(bob, InvitationReceived)
        await bob.reject(invite_id, data="busy")
        assert (await hears(alice, InvitationRejected)).data == "busy"
        async with world.client("bob", device_id="radio") as radio:
            with pytest.raises(RefusedError) as refused:
                await radio.accept(invite_id)
        assert (refused.value.code, refused.value.reason) == (8010, "settled")
        outcome = refused.value.outcome
        assert outcome is not None
        assert outcome.state == "rejected"
        assert outcome.device is not None
        assert outcome.device.device_id == "phone"
        assert "8010 settled" in str(refused.value)


async def test_an_inviter_who_wants_to_know_is_told_how_far_it_is(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob", device_id="phone") as bob:
        invite_id = (await alice.invite("bob", progress=True)).invite_id
        await hears(bob, InvitationReceived)
        await bob.request("signaling.ringing", {"inviteID": invite_id})
        while (told := await hears(alice, InvitationProgress)).step != "ringing":
            assert told.step in ("sent", "acknowledged")
        assert told.device is not None
        assert (told.invite_id, told.invitee, told.device.device_id) == (invite_id, "bob", "phone")


async def test_an_invitation_is_taken_back_or_times_out(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        invite_id = (await alice.invite("bob", timeout=0)).invite_id
        await alice.modify(invite_id, data="really?")
        assert (await hears(bob, InvitationModified)).data == "really?"
        await alice.cancel(invite_id, data="never mind")
        cancelled = await hears(bob, InvitationCancelled)
        assert (cancelled.invite_id, cancelled.data, cancelled.still_open) == (invite_id, "never mind", False)
        short = (await alice.invite("bob", timeout=1)).invite_id
        for client in (alice, bob):
            timed_out = await hears(client, InvitationTimedOut)
            assert (timed_out.invite_id, timed_out.invitee_list, timed_out.told_before) == (short, ("bob",), False)


async def test_a_group_hears_and_only_the_invited_are_rung(world: World) -> None:
    await world.knows("bob", "carol", "dave")
    async with world.client("alice") as alice, world.client("bob") as bob, world.client("carol") as carol:
        members = {"groupID": "class", "name": "Class", "members": ["bob", "carol"]}
        await alice.request("group.create", members)
        added = await hears(bob, OtherEvent, lambda event: event.name == "group.membersAdded")
        assert added.params["groupID"] == "class"
        reply = await alice.invite_in_group("class", ["bob", "dave"], data="raise your hand", timeout=0)
        assert reply.ignored_invitees == ("dave",)
        rings = {client.user_id: (await hears(client, InvitationReceived)).rings for client in (bob, carol)}
        assert rings == {"bob": True, "carol": False}
        await bob.accept(reply.invite_id)
        assert (await hears(carol, InvitationAccepted)).group_id == "class"
        page = await alice.list_open(limit=1)
        assert (page.invitations, page.next) == ((), None)


async def test_own_acts_are_told_to_those_who_ask(world: World) -> None:
    await world.knows("bob")
    async with world.client("alice", own_acts=True) as alice:
        invite_id = (await alice.invite("bob")).invite_id
        own = await hears(alice, InvitationReceived)
        assert (own.invite_id, own.own, own.by_self, own.rings) == (invite_id, True, True, False)
