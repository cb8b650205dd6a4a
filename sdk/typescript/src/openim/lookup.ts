import type { Wigwag } from "../client.js";
import { everyPage } from "../everyPage.js";
import type { CallView, GroupView, InvitationView, Member, Profile } from "../wire/index.js";
import { type ParticipantInfo, participantInfo, type RtcInvite, rtcInvite } from "./shapes.js";

/** Members in one page: the most that the server gives. */
const MEMBERS = 500;
/** Profiles in one request: the most that the server gives. */
const PROFILES = 100;

/**
 * What has to be looked up to show something in OpenIM's words. What the client knows of calls and invitations is taken from it; profiles
 * and groups are asked for each time, because they change without an event for everybody who sees them.
 */
export class Lookup {
  readonly #client: Wigwag;

  constructor(client: Wigwag) {
    this.#client = client;
  }

  async invitation(inviteID: string): Promise<InvitationView> {
    return this.#client.invitations.get(inviteID) ?? (await this.#client.signaling.get({ inviteID })).invitation;
  }

  /** An invitation, if it is a call that the user may know of. */
  async rtcInvite(inviteID: string): Promise<RtcInvite | undefined> {
    const view = await orNothing(this.invitation(inviteID));
    return view && rtcInvite(view);
  }

  /** A call, if the user may know of it. */
  async call(callID: string): Promise<CallView | undefined> {
    return this.#client.calls.known(callID) ?? (await orNothing(this.#client.calls.get({ callID })))?.call;
  }

  /** People as a call shows them, those who still exist. What cannot be found is left out: the event is told all the same. */
  async people(userIDs: readonly string[], groupID: string | undefined): Promise<ParticipantInfo[]> {
    const [profiles, group, members] = await Promise.all([
      this.profiles(userIDs),
      groupID === undefined ? undefined : this.group(groupID),
      groupID === undefined ? [] : this.members(groupID),
    ]);
    return profiles.map((profile) => {
      const member = members.find(({ userID }) => userID === profile.userID);
      return participantInfo(profile, group, member);
    });
  }

  async person(userID: string, groupID: string | undefined): Promise<ParticipantInfo> {
    return (await this.people([userID], groupID))[0] ?? participantInfo();
  }

  /** The people who are in a call now. */
  inRoom({ people, groupID }: CallView): Promise<ParticipantInfo[]> {
    return this.people(
      people.filter(({ state }) => state === "joined").map(({ userID }) => userID),
      groupID,
    );
  }

  async profiles(userIDs: readonly string[]): Promise<Profile[]> {
    const profiles: Profile[] = [];
    for (let from = 0; from < userIDs.length; from += PROFILES) {
      const page = await orNothing(this.#client.users.get({ userIDs: userIDs.slice(from, from + PROFILES) }));
      profiles.push(...(page?.profiles ?? []));
    }
    return profiles;
  }

  async group(groupID: string): Promise<GroupView | undefined> {
    return (await orNothing(this.#client.groups.info({ groupID })))?.group;
  }

  /** The groups that the user is in. */
  myGroups(): Promise<GroupView[]> {
    return everyPage((from) => this.#client.groups.list(from), "groups");
  }

  async members(groupID: string): Promise<Member[]> {
    return (await orNothing(this.allMembers(groupID))) ?? [];
  }

  /** Rejects when they cannot be had. */
  allMembers(groupID: string): Promise<Member[]> {
    return everyPage((from) => this.#client.groups.members({ groupID, limit: MEMBERS, ...from }), "members");
  }
}

/** What was asked for; undefined when it could not be had. */
export async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
