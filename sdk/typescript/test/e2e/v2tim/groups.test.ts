import { afterAll, beforeAll, expect, test } from "vitest";
import { GroupAddOptEnum, GroupMemberFilterTypeEnum, GroupMemberRoleTypeEnum } from "../../../src/v2tim/index.js";
import { done, given, type Phone } from "./phone.js";
import { Street } from "./street.js";

let street: Street;
beforeAll(async () => {
  street = await Street.start();
});
afterAll(() => street.end());

function groups({ manager }: Phone) {
  return manager.getGroupManager();
}

const { V2TIM_GROUP_MEMBER_FILTER_ALL: ALL, V2TIM_GROUP_MEMBER_FILTER_ADMIN: ADMINS } = GroupMemberFilterTypeEnum;
const { V2TIM_GROUP_MEMBER_ROLE_ADMIN: ADMIN, V2TIM_GROUP_MEMBER_ROLE_MEMBER: MEMBER } = GroupMemberRoleTypeEnum;

test("a group from its creation to its end; each member is told", async () => {
  const [ann, ben, cat] = [await street.phone("ann"), await street.phone("ben"), await street.phone("cat")];
  const groupID = given(
    await groups(ann).createGroup({ groupType: "Meeting", groupName: "Talk", memberList: [{ userID: "ben" }] }),
  );
  await ben.groups.hears("onMemberInvited", groupID, { userID: "ann" }, [{ userID: "ben" }]);
  done(await cat.manager.joinGroup(groupID, "hello"));
  await ann.groups.hears("onMemberEnter", groupID, [{ userID: "cat" }]);
  await ben.groups.hears("onMemberEnter", groupID, [{ userID: "cat" }]);
  expect(await cat.manager.joinGroup(groupID, "")).toMatchObject({ code: 10013 });

  done(await groups(ann).setGroupMemberRole(groupID, "ben", ADMIN));
  await ben.groups.hears("onGrantAdministrator", groupID, { userID: "ann" }, [{ userID: "ben" }]);
  done(await groups(ben).setGroupInfo({ groupID, groupName: "Long talk" }));
  await ann.groups.hears("onGroupInfoChanged", groupID, [{ type: 1, value: "Long talk" }]);
  done(await groups(ann).setGroupMemberRole(groupID, "ben", MEMBER));
  await ben.groups.hears("onRevokeAdministrator", groupID, { userID: "ann" }, [{ userID: "ben" }]);

  expect(given(await groups(ann).kickGroupMember(groupID, ["cat"]))).toEqual([{ memberID: "cat", result: 1 }]);
  await ben.groups.hears("onMemberKicked", groupID, { userID: "ann" }, [{ userID: "cat" }]);
  expect(given(await groups(ann).inviteUserToGroup(groupID, ["cat"]))).toEqual([{ memberID: "cat", result: 1 }]);
  await ben.groups.hears("onMemberInvited", groupID, { userID: "ann" }, [{ userID: "cat" }]);
  done(await cat.manager.quitGroup(groupID));
  await ben.groups.hears("onMemberLeave", groupID, { userID: "cat" });
  expect(await ann.manager.quitGroup(groupID)).toMatchObject({ code: 10007, reason: "notAllowed" });
  done(await groups(ann).transferGroupOwner(groupID, "ben"));
  await ben.groups.hears("onGroupInfoChanged", groupID, [{ type: 5, value: "ben" }]);
  done(await ben.manager.dismissGroup(groupID));
  await ann.groups.hears("onMemberLeave", groupID, { userID: "cat" });
  await ann.groups.hears("onGroupDismissed", groupID, { userID: "ben" });
});

test("who may join is in the type, or in the option", async () => {
  const [dan, eve] = [await street.phone("dan"), await street.phone("eve")];
  const joins = async (groupID: string) => (await eve.manager.joinGroup(groupID, "")).code;
  const create = async (groupType: string, addOpt?: GroupAddOptEnum) =>
    given(await groups(dan).createGroup({ groupType, groupName: "", ...(addOpt === undefined ? {} : { addOpt }) }));
  expect(await joins(await create("Work"))).toBe(10010);
  expect(await joins(await create("Public"))).toBe(0);
  expect(await joins(await create("Meeting"))).toBe(0);
  expect(await joins(await create("Work", GroupAddOptEnum.V2TIM_GROUP_ADD_ANY))).toBe(0);
  expect(await joins(await create("Public", GroupAddOptEnum.V2TIM_GROUP_ADD_AUTH))).toBe(10010);
});

test("descriptions and members, read back", async () => {
  const [fay, gil] = [await street.phone("fay"), await street.world.connected("gil")];
  const groupID = given(await fay.manager.createGroup("Band", "Work", "band"));
  given(await groups(fay).inviteUserToGroup(groupID, ["gil"]));
  await gil.client.groups.create({ groupID: "native", name: "Native", members: ["fay"] });
  const joined = given(await groups(fay).getJoinedGroupList());
  expect(joined).toMatchObject([
    { groupID: "band", groupType: "Work", groupName: "Band", owner: "fay", memberCount: 2, groupAddOpt: 0 },
    { groupID: "native", groupType: "Public", groupName: "Native", owner: "gil", groupAddOpt: 2 },
  ]);
  const infos = given(await groups(fay).getGroupsInfo(["band", "nowhere"]));
  expect(infos).toMatchObject([
    { resultCode: 0, groupInfo: { groupID: "band", createTime: joined[0]?.createTime } },
    { resultCode: 10010 },
  ]);
  const hal = await street.phone("hal");
  const lobby = given(await groups(hal).getGroupsInfo(["native", "band"]));
  expect(lobby).toMatchObject([{ resultCode: 0, groupInfo: { groupName: "Native", memberCount: 2 } }, { resultCode: 10010 }]);
  const page = given(await groups(fay).getGroupMemberList(groupID, ALL, "0", 1));
  expect(page).toMatchObject({ nextSeq: "fay", memberInfoList: [{ userID: "fay", role: 400 }] });
  const rest = given(await groups(fay).getGroupMemberList(groupID, ALL, page.nextSeq, 10));
  expect(rest).toMatchObject({ nextSeq: "0", memberInfoList: [{ userID: "gil", role: 200 }] });
  expect(given(await groups(fay).getGroupMemberList(groupID, ADMINS, "0")).memberInfoList).toEqual([]);
});

test("one's other device is told what one did", async () => {
  const [phone, desk] = [await street.phone("hank"), await street.phone("hank", { deviceID: "desk" })];
  await street.world.knows("iris");
  const created = { groupType: "Work", groupName: "Two", memberList: [{ userID: "iris" }] };
  const groupID = given(await groups(phone).createGroup(created));
  await desk.groups.hears("onGroupCreated", groupID);
  done(await groups(phone).transferGroupOwner(groupID, "iris"));
  done(await phone.manager.quitGroup(groupID));
  await desk.groups.hears("onGroupInfoChanged", groupID);
  await desk.groups.hears("onQuitFromGroup", groupID);
});
