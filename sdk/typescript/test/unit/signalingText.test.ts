import { expect, test } from "vitest";
import { ACTION_OF, messageOf, readSignalingText, type SpokenEvent, spokenBy } from "../../src/signalingText.js";
import type { SignalingText } from "../../src/wire/index.js";

const invitation = { inviteID: "i", inviter: "zoe" };
const place = { messageID: "m", conversation: "c2c:adam zoe", seq: 4 };

/** A text in which everything stands that is not given. */
function signalingText(part: Partial<SignalingText>): SignalingText {
  const empty = { inviteeList: [], groupID: "", timeout: 0, data: "", onlineUserOnly: false };
  return { businessID: 1, ...invitation, actionType: 0, ...empty, ...part };
}

test("what is written is read, and what does not matter may be absent", () => {
  const text = signalingText({ actionType: ACTION_OF["invitation.received"], inviteeList: ["adam"], timeout: 30, data: "d" });
  expect(readSignalingText(JSON.stringify(text))).toEqual(text);
  const bare = { businessID: 1, inviteID: "i", inviter: "zoe", actionType: 3 };
  expect(readSignalingText(JSON.stringify(bare))).toEqual(signalingText({ actionType: ACTION_OF["invitation.accepted"] }));
});

test("other texts are not signaling", () => {
  const bare = { businessID: 1, inviteID: "i", inviter: "zoe", actionType: 3 };
  for (const changed of [{ businessID: "1" }, { actionType: 0 }, { actionType: 6 }, { actionType: 1.5 }, { inviteID: 7 }]) {
    expect(readSignalingText(JSON.stringify({ ...bare, ...changed })), JSON.stringify(changed)).toBeUndefined();
  }
  for (const text of ["", "null", "[1]", "inviteID actionType"]) {
    expect(readSignalingText(text), text).toBeUndefined();
  }
});

test("an answer's event is the message of the one who answered", () => {
  const event: SpokenEvent = {
    cursor: 1,
    time: 9,
    type: "invitation.accepted",
    ...invitation,
    invitee: "adam",
    data: "yes",
    version: 2,
    message: place,
  };
  const message = messageOf(spokenBy(event));
  expect(message).toMatchObject({ ...place, sender: "adam", receiver: "zoe", time: 9, type: "custom" });
  expect(message.onlineUserOnly).toBeUndefined();
  expect(JSON.parse(String(message.content.data))).toEqual(
    signalingText({ actionType: ACTION_OF["invitation.accepted"], inviteeList: ["adam"], data: "yes" }),
  );
});

test("what leaves no message has one made up, with names of its own", () => {
  const closed = { cursor: 1, time: 9, ...invitation, inviteeList: ["adam"], data: "", version: 3 };
  const alone = messageOf(spokenBy({ ...closed, type: "invitation.timedOut" }));
  expect(alone).toMatchObject({ messageID: "i-3", conversation: "c2c:adam zoe", sender: "zoe", receiver: "adam" });
  expect(alone).toMatchObject({ onlineUserOnly: true });
  expect(alone.seq).toBeUndefined();
  const inGroup = messageOf(spokenBy({ ...closed, type: "invitation.cancelled", groupID: "g" }));
  expect(inGroup).toMatchObject({ conversation: "group:g", groupID: "g" });
  expect(inGroup.receiver).toBeUndefined();
});
