"""Stories of messages, and of what is asked by the protocol's words."""

import pytest
from world import World, hears

from wigwag import MessageReceived, OtherEvent, RefusedError


async def test_messages_are_sent_read_and_taken_back(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        sent = await alice.messages.send_text("h\u00e9llo \U0001f44b", user_id="bob")
        received = (await hears(bob, MessageReceived)).message
        assert (received.message_id, received.sender, received.kind) == (sent.message_id, "alice", "text")
        assert received.content == {"text": "h\u00e9llo \U0001f44b"}
        assert received.seq == sent.seq
        await alice.messages.send_custom('{"dice": 6}', user_id="bob")
        page = await bob.messages.history(user_id="alice", limit=1)
        assert (page.messages[0].content, page.complete) == ({"data": '{"dice": 6}'}, False)
        assert received.seq is not None
        await bob.messages.mark_read(received.seq, user_id="alice")
        await hears(alice, OtherEvent, lambda event: event.name == "message.read")
        await alice.messages.revoke(received.seq, user_id="bob")
        revoked = await hears(bob, OtherEvent, lambda event: event.name == "message.revoked")
        assert revoked.params["messageID"] == sent.message_id


async def test_a_message_carries_what_it_was_given(world: World) -> None:
    async with world.client("alice") as alice, world.client("bob") as bob:
        content = {"deep": [{"exact": 123456789012345678901234567890}], "n": 1.5}
        options = {"cloudCustomData": "theirs", "onlineUserOnly": True}
        sent = await alice.messages.send("poll", content, user_id="bob", options=options)
        received = (await hears(bob, MessageReceived)).message
        assert (received.kind, received.content, received.cloud_custom_data) == ("poll", content, "theirs")
        assert (received.online_user_only, received.seq, sent.seq) == (True, None, None)


async def test_the_same_message_is_sent_once(world: World) -> None:
    await world.knows("bob")
    async with world.client("alice") as alice:
        first = await alice.messages.send("text", {"text": "1"}, user_id="bob", client_msg_id="m")
        assert await alice.messages.send("text", {"text": "1"}, user_id="bob", client_msg_id="m") == first
        with pytest.raises(RefusedError) as refused:
            await alice.messages.send("text", {"text": "2"}, user_id="bob", client_msg_id="m")
        assert refused.value.reason == "clientMsgIDTaken"


async def test_groups_are_asked_by_the_protocols_words(world: World) -> None:
    await world.knows("bob")
    async with world.client("alice") as alice:
        await alice.request("group.create", {"groupID": "class", "name": "Class", "members": ["bob"]})
        await alice.messages.send_text("good morning", group_id="class")
        assert [message.group_id for message in (await alice.messages.history(group_id="class")).messages] == ["class"]
        members = await alice.request("group.members", {"groupID": "class"})
        assert [member["userID"] for member in members["members"]] == ["alice", "bob"]
