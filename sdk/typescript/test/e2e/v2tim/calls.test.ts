import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { done, given, type Phone } from "./phone.js";
import { Street } from "./street.js";

let street: Street;
beforeAll(async () => {
  street = await Street.start();
});
afterAll(() => street.end());

function signaling({ manager }: Phone) {
  return manager.getSignalingManager();
}

describe("one to one", () => {
  test("V2TIM calls, V2TIM accepts", async () => {
    const [alice, bob] = [await street.phone("alice"), await street.phone("bob")];
    const inviting = signaling(alice).invite("bob", "video", 60);
    expect(inviting.inviteID, "known before the reply").toMatch(/^[0-9a-f-]{36}$/);
    const inviteID = given(await inviting);
    expect(inviteID).toBe(inviting.inviteID);
    await bob.signaling.hears("onReceiveNewInvitation", inviteID, "alice", "", ["bob"], "video");
    done(await signaling(bob).accept(inviteID, "coming"));
    await alice.signaling.hears("onInviteeAccepted", inviteID, "bob", "coming");
    await alice.hearsNothingElse();
    await bob.hearsNothingElse();
  });

  test("V2TIM calls, the native client accepts and rejects", async () => {
    const [carol, dave] = [await street.phone("carol"), await street.world.connected("dave")];
    const first = given(await signaling(carol).invite("dave", "1"));
    await dave.hears("invitation.received", { inviteID: first, inviter: "carol", data: "1", timeout: 30 });
    await dave.client.signaling.accept({ inviteID: first, data: "yes" });
    await carol.signaling.hears("onInviteeAccepted", first, "dave", "yes");
    const second = given(await signaling(carol).invite("dave", "2"));
    await dave.client.signaling.reject({ inviteID: second, data: "busy" });
    await carol.signaling.hears("onInviteeRejected", second, "dave", "busy");
  });

  test("the native client calls, V2TIM accepts, rejects, and is too late", async () => {
    const [erin, frank] = [await street.world.connected("erin"), await street.phone("frank")];
    const call = async (data: string) => {
      const { inviteID } = await erin.client.signaling.invite({ invitee: "frank", data });
      await frank.signaling.hears("onReceiveNewInvitation", inviteID, "erin", "", ["frank"], data);
      return inviteID;
    };
    const first = await call("1");
    done(await signaling(frank).accept(first));
    await erin.hears("invitation.accepted", { inviteID: first, data: "" });
    const second = await call("2");
    done(await signaling(frank).reject(second, "not now"));
    await erin.hears("invitation.rejected", { inviteID: second, data: "not now" });
    const third = await call("3");
    await erin.client.signaling.cancel({ inviteID: third, data: "never mind" });
    await frank.signaling.hears("onInvitationCancelled", third, "erin", "never mind");
    expect(await signaling(frank).accept(third)).toMatchObject({ code: 8010, reason: "cancelled" });
  });

  test("the native client opens a call: V2TIM leaves it, and is told when the other leaves", async () => {
    const [quin, rhea] = [await street.world.connected("quin"), await street.phone("rhea")];
    const call = async () => {
      const { inviteID } = await quin.client.signaling.invite({ invitee: "rhea", call: { mediaType: "video" } });
      await rhea.signaling.hears("onReceiveNewInvitation", inviteID, "quin", "", ["rhea"]);
      done(await signaling(rhea).accept(inviteID));
      await quin.hears("invitation.accepted", { inviteID });
      return inviteID;
    };
    const first = await call();
    done(await signaling(rhea).hangUp(first));
    await quin.hears("call.hungUp", { userID: "rhea", endReason: "hungUp" });
    const second = await call();
    await quin.client.calls.hangUp({ callID: second });
    await rhea.signaling.hears("onCallHungUp", second, "quin", "hungUp");
    await rhea.hearsNothingElse();
    const plain = given(await signaling(rhea).invite("quin", "no call"));
    expect(await signaling(rhea).hangUp(plain)).toMatchObject({ reason: "unknownCall" });
  });

  test("V2TIM is invited into a call that runs, and knows its end under that name", async () => {
    const [sam, tess, ulf] = [
      await street.world.connected("sam"),
      await street.world.connected("tess"),
      await street.phone("ulf"),
    ];
    const { inviteID: opening, call } = await sam.client.signaling.invite({ invitee: "tess", call: { mediaType: "audio" } });
    await tess.client.signaling.accept({ inviteID: opening });
    const more = { mediaType: "audio", roomID: call?.roomID ?? "" };
    const { inviteID } = await sam.client.signaling.invite({ invitee: "ulf", call: more });
    await ulf.signaling.hears("onReceiveNewInvitation", inviteID, "sam");
    done(await signaling(ulf).accept(inviteID));
    await sam.client.calls.hangUp({ callID: opening });
    await ulf.signaling.hears("onCallHungUp", inviteID, "sam", "");
    done(await signaling(ulf).hangUp(inviteID));
  });

  test("V2TIM cancels, and changes the data", async () => {
    const [gus, hal, ida] = [await street.phone("gus"), await street.phone("hal"), await street.world.connected("ida")];
    const toHal = given(await signaling(gus).invite("hal", "audio"));
    await hal.signaling.hears("onReceiveNewInvitation", toHal);
    done(await signaling(gus).modifyInvitation(toHal, "video"));
    await hal.signaling.hears("onInvitationModified", toHal, "video");
    done(await signaling(gus).cancel(toHal, "bye"));
    await hal.signaling.hears("onInvitationCancelled", toHal, "gus", "bye");
    expect(await signaling(gus).cancel(toHal)).toMatchObject({ code: 8010, reason: "settled" });
    const toIda = given(await signaling(gus).invite("ida", "audio"));
    done(await signaling(gus).cancel(toIda));
    await ida.hears("invitation.received");
    await ida.hears("invitation.cancelled", { inviteID: toIda, data: "" });
  });

  test("nobody answers in time: both sides are told once", async () => {
    const [jon, kim] = [await street.phone("jon"), await street.phone("kim")];
    const inviteID = given(await signaling(jon).invite("kim", "anyone?", 1));
    await kim.signaling.hears("onReceiveNewInvitation", inviteID);
    await kim.signaling.hears("onInvitationTimeout", inviteID, ["kim"]);
    await jon.signaling.hears("onInvitationTimeout", inviteID, ["kim"]);
    expect(await signaling(kim).reject(inviteID)).toMatchObject({ code: 8010, reason: "timedOut" });
    await jon.hearsNothingElse();
    await kim.hearsNothingElse();
  });

  test("another device answers", async () => {
    const [leo, mia] = [await street.phone("leo"), await street.phone("mia")];
    const tablet = await street.phone("mia", { deviceID: "mia-tablet" });
    const inviteID = given(await signaling(leo).invite("mia", ""));
    await mia.signaling.hears("onReceiveNewInvitation", inviteID);
    await tablet.signaling.hears("onReceiveNewInvitation", inviteID);
    done(await signaling(tablet).accept(inviteID, "on the tablet"));
    await mia.signaling.hears("onInviteeAccepted", inviteID, "mia", "on the tablet");
    expect(await signaling(mia).accept(inviteID)).toMatchObject({ code: 8010, reason: "settled" });
    await tablet.hearsNothingElse();
  });

  test("one's own invitation does not ring on one's other device, which may take it back", async () => {
    const [ned, desk] = [await street.phone("ned"), await street.phone("ned", { deviceID: "ned-desk" })];
    await street.world.knows("ola");
    const inviteID = given(await signaling(ned).invite("ola", "hello"));
    const message = await desk.messages.hearsMessage();
    expect(message).toMatchObject({ isSelf: true, sender: "ned", userID: "ola" });
    await desk.hearsNothingElse();
    done(await signaling(desk).cancel(inviteID, "from the desk"));
    await ned.signaling.hears("onInvitationCancelled", inviteID, "ned", "from the desk");
  });
});

describe("in a group", () => {
  test("every member hears every answer; V2TIM and native clients together", async () => {
    const [teacher, anna, ben] = [await street.phone("teacher"), await street.phone("anna"), await street.world.connected("ben")];
    await street.world.knows("zoe");
    const groupID = given(await teacher.manager.createGroup("Class 7", "Public", "class-7"));
    expect(groupID).toBe("class-7");
    done(await anna.manager.joinGroup(groupID, "let me in"));
    await teacher.groups.hears("onMemberEnter", groupID, [{ userID: "anna" }]);
    await ben.client.groups.join({ groupID });

    const asked = await signaling(teacher).inviteInGroup(groupID, ["anna", "ben", "zoe"], "raise hands", 60);
    expect(asked).toMatchObject({ code: 0, ignoredInvitees: ["zoe"] });
    const inviteID = given(asked);
    await anna.signaling.hears("onReceiveNewInvitation", inviteID, "teacher", groupID, ["anna", "ben"], "raise hands");
    done(await signaling(anna).accept(inviteID, "me!"));
    await teacher.signaling.hears("onInviteeAccepted", inviteID, "anna", "me!");
    await ben.client.signaling.reject({ inviteID, data: "no idea" });
    await teacher.signaling.hears("onInviteeRejected", inviteID, "ben", "no idea");
    await anna.signaling.hears("onInviteeRejected", inviteID, "ben", "no idea");
    await teacher.hearsNothingElse();
  });

  test("the native client calls; every callback of a group", async () => {
    const [paul, rosa] = [await street.phone("paul"), await street.phone("rosa")];
    const sven = await street.world.connected("sven");
    const { groupID } = await sven.client.groups.create({ groupID: "calls", members: ["paul", "rosa"] });
    const asks = async (data: string, timeout = 60) => {
      const inviteeList = ["paul", "rosa"];
      const { inviteID } = await sven.client.signaling.inviteInGroup({ groupID, inviteeList, data, timeout });
      for (const phone of [paul, rosa]) {
        await phone.signaling.hears("onReceiveNewInvitation", inviteID, "sven", groupID, inviteeList, data);
      }
      return inviteID;
    };
    const answered = await asks("1");
    await sven.client.signaling.modify({ inviteID: answered, data: "1b" });
    await rosa.signaling.hears("onInvitationModified", answered, "1b");
    done(await signaling(paul).accept(answered, "here"));
    await rosa.signaling.hears("onInviteeAccepted", answered, "paul", "here");
    done(await signaling(rosa).reject(answered, "not me"));
    await paul.signaling.hears("onInvitationModified", answered, "1b");
    await paul.signaling.hears("onInviteeRejected", answered, "rosa", "not me");

    const late = await asks("2", 1);
    for (const phone of [paul, rosa]) {
      await phone.signaling.hears("onInvitationTimeout", late, ["paul", "rosa"]);
    }
    const cancelled = await asks("3");
    await sven.client.signaling.cancel({ inviteID: cancelled, data: "bye" });
    for (const phone of [paul, rosa]) {
      await phone.signaling.hears("onInvitationCancelled", cancelled, "sven", "bye");
    }
    const taken = await asks("one of two");
    await sven.client.signaling.cancel({ inviteID: taken, inviteeList: ["paul"], data: "not you" });
    await paul.signaling.hears("onInvitationCancelled", taken, "sven", "not you");
    done(await signaling(rosa).accept(taken, "then I"));
    await paul.signaling.hears("onInviteeAccepted", taken, "rosa", "then I");
    const left = await asks("4");
    done(await paul.manager.quitGroup(groupID));
    await rosa.signaling.hears("onInviteeRejected", left, "paul", "");
    await sven.client.groups.dismiss({ groupID });
    await rosa.signaling.hears("onInvitationCancelled", left, "sven", "");
  });

  test("V2TIM calls; native members answer, and it is told of who is left at the end", async () => {
    const [tina, uwe, vera] = [
      await street.phone("tina"),
      await street.world.connected("uwe"),
      await street.world.connected("vera"),
    ];
    const members = [{ userID: "uwe" }, { userID: "vera" }];
    const creation = { groupType: "Meeting", groupName: "Late", memberList: members };
    const groupID = given(await tina.manager.getGroupManager().createGroup(creation));
    const inviteID = given(await signaling(tina).inviteInGroup(groupID, ["uwe", "vera", "uwe", "tina"], "who?", 1));
    await uwe.hears("group.membersAdded");
    await uwe.hears("invitation.received", { inviteID, groupID, inviteeList: ["uwe", "vera"], data: "who?" });
    await uwe.client.signaling.accept({ inviteID });
    await tina.signaling.hears("onInviteeAccepted", inviteID, "uwe", "");
    await tina.signaling.hears("onInvitationTimeout", inviteID, ["vera"]);
    await vera.hears("group.membersAdded");
    await vera.hears("invitation.received");
    await vera.hears("invitation.accepted", { invitee: "uwe" });
    await vera.hears("invitation.timedOut", { inviteeList: ["vera"] });
    const live = [await tina.messages.hearsMessage(), await tina.messages.hearsMessage(), await tina.messages.hearsMessage()];
    const history = given(await tina.manager.getMessageManager().getGroupHistoryMessageList(groupID, 20)).reverse();
    expect(live.map(({ msgID, sender, groupID, isSelf }) => ({ msgID, sender, groupID, isSelf }))).toEqual(
      history.map(({ msgID, sender, groupID, isSelf }) => ({ msgID, sender, groupID, isSelf })),
    );
    const infos = await Promise.all(live.map((message) => signaling(tina).getSignalingInfo(message)));
    expect(infos.map(({ data }) => [data?.actionType, data?.inviteeList])).toEqual([
      [1, ["uwe", "vera"]],
      [3, ["uwe"]],
      [5, ["vera"]],
    ]);
  });
});

test("the server is killed while it rings: the answer comes once, and is heard once", async () => {
  const other = await Street.start();
  const [walt, xaver] = [await other.phone("walt"), await other.phone("xaver")];
  const inviteID = given(await signaling(walt).invite("xaver", "still here?", 60));
  await xaver.signaling.hears("onReceiveNewInvitation", inviteID);
  await other.world.server.kill();
  const answering = signaling(xaver).accept(inviteID, "yes");
  await other.world.server.startAgain();
  done(await answering);
  await walt.signaling.hears("onInviteeAccepted", inviteID, "xaver", "yes");
  await walt.hearsNothingElse();
  await xaver.hearsNothingElse();
  const said = [await walt.messages.hearsMessage(), await walt.messages.hearsMessage()];
  expect(walt.messages.unread).toEqual([]);
  expect(new Set(said.map(({ msgID }) => msgID)).size).toBe(2);
  await other.end();
});
