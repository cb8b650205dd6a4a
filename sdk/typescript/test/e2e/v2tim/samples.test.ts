import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { V2TimSignalingInfo } from "../../../src/v2tim/index.js";
import { done, given, type Phone } from "./phone.js";
import { Flash, Street } from "./street.js";

// What the field's documents promise, one story for each promise: the reference of V2TIMSignalingManager, whose samples are in C++,
// and the guide to signaling for React Native.

let street: Street;
beforeAll(async () => {
  street = await Street.start();
});
afterAll(() => street.end());

function signaling({ manager }: Phone) {
  return manager.getSignalingManager();
}

/** A group of these people; the first owns it. */
async function groupOf(groupID: string, owner: Phone, ...members: Phone[]): Promise<void> {
  given(await owner.manager.createGroup(groupID, "Meeting", groupID));
  for (const member of members) {
    done(await member.manager.joinGroup(groupID, ""));
  }
}

describe("the reference", () => {
  test("AddSignalingListener and RemoveSignalingListener", async () => {
    const [alice, bob] = [await street.phone("alice"), await street.phone("bob")];
    const heard: string[] = [];
    const listener = { onReceiveNewInvitation: (inviteID: string) => heard.push(inviteID) };
    signaling(bob).addSignalingListener(listener);
    const first = given(await signaling(alice).invite("bob", ""));
    await bob.signaling.hears("onReceiveNewInvitation", first);
    signaling(bob).removeSignalingListener(listener);
    const second = given(await signaling(alice).invite("bob", ""));
    await bob.signaling.hears("onReceiveNewInvitation", second);
    expect(heard).toEqual([first]);
  });

  test("Invite: onlineUserOnly leaves no history, nor does what follows", async () => {
    const [carol, dave] = [await street.phone("carol"), await street.phone("dave")];
    const push = { title: "Carol", desc: "calls you" };
    const inviteID = given(await signaling(carol).invite("dave", "quiet", 1, true, push));
    await dave.signaling.hears("onReceiveNewInvitation", inviteID, "carol", "", ["dave"], "quiet");
    await dave.signaling.hears("onInvitationTimeout", inviteID, ["dave"]);
    const accepted = given(await signaling(carol).invite("dave", "", 30, true));
    await dave.signaling.hears("onReceiveNewInvitation", accepted);
    done(await signaling(dave).accept(accepted));
    await carol.signaling.hears("onInvitationTimeout", inviteID, ["dave"]);
    await carol.signaling.hears("onInviteeAccepted", accepted);
    expect(given(await dave.manager.getMessageManager().getC2CHistoryMessageList("carol", 20))).toEqual([]);
    expect([...carol.messages.unread, ...dave.messages.unread]).toEqual([]);
  });

  test("Invite: timeout 0 never times out, and a failed one gives an empty inviteID", async () => {
    const [erin, frank] = [await street.phone("erin"), await street.phone("frank")];
    const lasting = given(await signaling(erin).invite("frank", "", 0));
    const short = given(await signaling(erin).invite("frank", "", 1));
    await frank.signaling.hears("onReceiveNewInvitation", lasting);
    await frank.signaling.hears("onReceiveNewInvitation", short);
    await frank.signaling.hears("onInvitationTimeout", short, ["frank"]);
    done(await signaling(frank).accept(lasting));
    expect(await signaling(erin).invite("nobody-at-all", "")).toMatchObject({ code: 20003, data: "" });
    expect(await signaling(erin).invite("erin", "")).toMatchObject({ code: 6017, data: "" });
  });

  test("InviteInGroup: an invitee must be in the group", async () => {
    const [gus, hal] = [await street.phone("gus"), await street.phone("hal")];
    await groupOf("choir", gus);
    const alone = await signaling(gus).inviteInGroup("choir", ["hal"], "sing");
    expect(alone).toMatchObject({ code: 10004, reason: "noValidInvitee", data: "" });
    expect(await signaling(hal).inviteInGroup("choir", ["gus"], "sing")).toMatchObject({ code: 10007, data: "" });
    await hal.hearsNothingElse();
  });

  test("Cancel: not when everybody has answered or timed out, and not another's", async () => {
    const [ida, jon, kim] = [await street.phone("ida"), await street.phone("jon"), await street.phone("kim")];
    await groupOf("trio", ida, jon, kim);
    const inviteID = given(await signaling(ida).inviteInGroup("trio", ["jon", "kim"], ""));
    expect(await signaling(jon).cancel(inviteID)).toMatchObject({ code: 8011, reason: "notInviter" });
    done(await signaling(jon).accept(inviteID));
    done(await signaling(kim).reject(inviteID));
    expect(await signaling(ida).cancel(inviteID)).toMatchObject({ code: 8010, reason: "settled" });
    const rest = given(await signaling(ida).inviteInGroup("trio", ["jon", "kim"], ""));
    done(await signaling(jon).accept(rest));
    done(await signaling(ida).cancel(rest, "enough"));
    expect(await signaling(kim).accept(rest)).toMatchObject({ code: 8010, reason: "cancelled" });
  });

  test("Accept and Reject: not what is addressed to others", async () => {
    const [leo, mia, ned] = [await street.phone("leo"), await street.phone("mia"), await street.phone("ned")];
    await groupOf("team", leo, mia, ned);
    const inviteID = given(await signaling(leo).inviteInGroup("team", ["mia"], "you alone"));
    await ned.signaling.hears("onReceiveNewInvitation", inviteID, "leo", "team", ["mia"], "you alone");
    expect(await signaling(ned).accept(inviteID)).toMatchObject({ code: 8011, reason: "notInvitee" });
    expect(await signaling(ned).reject(inviteID)).toMatchObject({ code: 8011, reason: "notInvitee" });
    expect(await signaling(ned).accept("no-such-invitation")).toMatchObject({ code: 8010, reason: "unknown" });
    done(await signaling(mia).accept(inviteID));
    await ned.signaling.hears("onInviteeAccepted", inviteID, "mia", "");
  });

  test("GetSignalingInfo: every action leaves a message, told live and in history; others are no signaling", async () => {
    const [ola, pia] = [await street.phone("ola"), await street.phone("pia")];
    const accepted = given(await signaling(ola).invite("pia", "1", 60));
    done(await signaling(pia).accept(accepted, "yes"));
    const rejected = given(await signaling(ola).invite("pia", "2", 60));
    done(await signaling(pia).reject(rejected, "no"));
    const cancelled = given(await signaling(ola).invite("pia", "3", 60));
    done(await signaling(ola).cancel(cancelled, "bye"));
    const late = given(await signaling(ola).invite("pia", "4", 1));
    const pending = { inviter: "ola", inviteeList: ["pia"], groupID: "" };
    const said = [
      { inviteID: accepted, actionType: 1, data: "1", timeout: 60 },
      { inviteID: accepted, actionType: 3, data: "yes", timeout: 0 },
      { inviteID: rejected, actionType: 1, data: "2", timeout: 60 },
      { inviteID: rejected, actionType: 4, data: "no", timeout: 0 },
      { inviteID: cancelled, actionType: 1, data: "3", timeout: 60 },
      { inviteID: cancelled, actionType: 2, data: "bye", timeout: 0 },
      { inviteID: late, actionType: 1, data: "4", timeout: 1 },
      { inviteID: late, actionType: 5, data: "4", timeout: 0 },
    ].map((info) => ({ ...info, ...pending, businessID: 1, isOnlineUserOnly: false }));
    for (const phone of [ola, pia]) {
      const other = phone === ola ? "pia" : "ola";
      const live: V2TimSignalingInfo[] = [];
      const ids: (string | undefined)[] = [];
      for (const _ of said) {
        const message = await phone.messages.hearsMessage();
        ids.push(message.msgID);
        live.push(given(await signaling(phone).getSignalingInfo(message)));
      }
      expect(live, phone.userID).toEqual(said);
      const history = given(await phone.manager.getMessageManager().getC2CHistoryMessageList(other, 20)).reverse();
      expect(history.map(({ msgID }) => msgID)).toEqual(ids);
      for (const [place, { msgID }] of history.entries()) {
        expect(given(await signaling(phone).getSignalingInfo(msgID ?? ""))).toEqual(said[place]);
      }
    }
    const text = given(await ola.manager.sendC2CTextMessage("pia", "inviteID and actionType are only words"));
    expect(await signaling(ola).getSignalingInfo(text)).toEqual({ code: 0, desc: "" });
    const custom = given(await ola.manager.sendC2CCustomMessage("pia", JSON.stringify({ inviteID: "1", actionType: 1 })));
    expect(await signaling(ola).getSignalingInfo(custom.msgID ?? "")).toEqual({ code: 0, desc: "" });
  });

  test("AddInvitedSignaling: what a push told, unless it is known", async () => {
    const [quin, ria] = [await street.world.connected("quin"), await street.phone("ria")];
    await street.world.knows("sam");
    await quin.client.groups.create({ groupID: "quiet", members: ["ria", "sam"] });
    const inGroup = { groupID: "quiet", inviteeList: ["sam"], data: "" };
    const { inviteID } = await quin.client.signaling.inviteInGroup({ ...inGroup, notify: "parties" });
    const info = { inviteID, inviter: "quin", inviteeList: ["sam"], groupID: "quiet", data: "", timeout: 30, actionType: 1 };
    done(await signaling(ria).addInvitedSignaling(info));
    expect(await signaling(ria).addInvitedSignaling(info)).toMatchObject({ code: 8012, reason: "alreadyKnown" });
    const heard = await quin.client.signaling.invite({ invitee: "ria", data: "" });
    await ria.signaling.hears("onReceiveNewInvitation", heard.inviteID);
    const known = { ...info, inviteID: heard.inviteID, groupID: "", inviteeList: ["ria"] };
    expect(await signaling(ria).addInvitedSignaling(known)).toMatchObject({ code: 8012 });
    const madeUp = { ...info, inviteID: "made-up" };
    expect(await signaling(ria).addInvitedSignaling(madeUp)).toMatchObject({ code: 8010, reason: "unknown" });
  });

  test("the app is killed: still open, it rings again; expired meanwhile, it is told of the timeout", async () => {
    const [tom, storage] = [await street.world.connected("tom"), new Flash()];
    const device = { deviceID: undefined, storage };
    const before = await street.phone("uma", device);
    const { inviteID: ringing } = await tom.client.signaling.invite({ invitee: "uma", data: "still there?", timeout: 60 });
    await before.signaling.hears("onReceiveNewInvitation", ringing);
    done(await before.manager.logout());
    const { inviteID: missed } = await tom.client.signaling.invite({ invitee: "uma", data: "missed", timeout: 1 });
    const { inviteID: waiting } = await tom.client.signaling.invite({ invitee: "uma", data: "waiting", timeout: 60 });
    await tom.hears("invitation.timedOut", { inviteID: missed });

    const after = await street.phone("uma", device);
    await after.signaling.hears("onReceiveNewInvitation", waiting, "tom", "", ["uma"], "waiting");
    await after.signaling.hears("onInvitationTimeout", missed, ["uma"]);
    await after.signaling.hears("onReceiveNewInvitation", ringing, "tom", "", ["uma"], "still there?");
    await after.hearsNothingElse();
    // The person opens the app by the push of each of them.
    const push = { inviter: "tom", inviteeList: ["uma"], groupID: "", data: "", timeout: 1, actionType: 1 };
    const added = (inviteID: string) => signaling(after).addInvitedSignaling({ ...push, inviteID });
    expect(await added(missed)).toMatchObject({ code: 8010, reason: "ended" });
    expect(await added(waiting)).toMatchObject({ code: 8012, reason: "alreadyKnown" });
    done(await signaling(after).accept(ringing));
    expect(await added(ringing)).toMatchObject({ code: 8010, reason: "ended" });
  });

  test("the app is killed: an invitation in a group rings again as well", async () => {
    const [vic, wim] = [await street.phone("vic"), await street.phone("wim")];
    await groupOf("alarm", vic, wim);
    done(await wim.manager.logout());
    const inviteID = given(await signaling(vic).inviteInGroup("alarm", ["wim"], "fire"));
    await wim.logsIn();
    await wim.signaling.hears("onReceiveNewInvitation", inviteID, "vic", "alarm", ["wim"], "fire");
    done(await signaling(wim).reject(inviteID));
  });
});

describe("the guide for React Native", () => {
  test("a video call: ring, accept, hang up with the duration", async () => {
    const [xena, yuri] = [await street.phone("xena"), await street.phone("yuri")];
    const inviteID = given(await signaling(xena).invite("yuri", JSON.stringify({ roomID: 42 }), 30));
    const [, inviter, , , data] = await yuri.signaling.hears("onReceiveNewInvitation", inviteID);
    expect(JSON.parse(data as string)).toEqual({ roomID: 42 });
    done(await signaling(yuri).accept(inviteID));
    await xena.signaling.hears("onInviteeAccepted", inviteID, "yuri");
    const end = JSON.stringify({ event: "call end", duration: 63 });
    const hangUp = given(await signaling(yuri).invite(inviter as string, end, 0));
    await xena.signaling.hears("onReceiveNewInvitation", hangUp, "yuri", "", ["xena"], end);
  });

  test("a video call: the line is busy", async () => {
    const [zack, abby] = [await street.phone("zack"), await street.phone("abby")];
    const inviteID = given(await signaling(zack).invite("abby", "call"));
    await abby.signaling.hears("onReceiveNewInvitation", inviteID);
    done(await signaling(abby).reject(inviteID, JSON.stringify({ line_busy: "line_busy" })));
    await zack.signaling.hears("onInviteeRejected", inviteID, "abby", '{"line_busy":"line_busy"}');
  });

  test("a teacher has students raise their hands, and calls one up to speak", async () => {
    const teacher = await street.phone("teacher");
    const students = [await street.phone("anna"), await street.phone("bert"), await street.phone("cleo")];
    const [anna, bert] = students as [Phone, Phone, Phone];
    await groupOf("class", teacher, ...students);
    const names = students.map(({ userID }) => userID);
    const hands = given(await signaling(teacher).inviteInGroup("class", names, "hand raising", 60));
    for (const student of students) {
      await student.signaling.hears("onReceiveNewInvitation", hands, "teacher", "class", names, "hand raising");
    }
    done(await signaling(bert).accept(hands, "hand raising"));
    for (const other of [teacher, ...students].filter((one) => one !== bert)) {
      await other.signaling.hears("onInviteeAccepted", hands, "bert", "hand raising");
    }
    const speak = given(await signaling(teacher).inviteInGroup("class", ["bert"], "speaking", 60));
    for (const student of students) {
      await student.signaling.hears("onReceiveNewInvitation", speak, "teacher", "class", ["bert"], "speaking");
    }
    expect(await signaling(anna).accept(speak)).toMatchObject({ code: 8011 });
    done(await signaling(bert).accept(speak, "speaking"));
    for (const other of [teacher, ...students].filter((one) => one !== bert)) {
      await other.signaling.hears("onInviteeAccepted", speak, "bert", "speaking");
    }
  });
});
