import {
  type Acted,
  type Answer,
  type InvitationView,
  type Invite,
  type InviteInGroup,
  type KnownEvent,
  type MessageSent,
  type State,
  Wigwag,
  WigwagError,
} from "@wigwag/sdk";
import { heard, type Ledger, missing, put, snapshot } from "../invitations/ledger.js";
import { type Note, type Purpose, type Refusal, write } from "./payload.js";
import type { SignedIn } from "./signedIn.js";
import { Store } from "./store.js";

/** To whom a message goes. */
export type Peer = { userID: string; groupID?: never } | { groupID: string; userID?: never };

/**
 * A signed-in page: the SDK's client, and what every scene needs of it.
 *
 * The device that acts is answered and hears no event of its own. The session makes one from the answer, so that scenes have a
 * single place to learn what happened, whoever did it.
 */
export class Session {
  readonly me: string;
  readonly client: Wigwag;
  readonly connection: Store<State>;
  readonly invitations = new Store<Ledger>(new Map());
  readonly #listeners = new Set<(event: KnownEvent) => void>();
  readonly #openings = new Set<() => void>();

  constructor(signedIn: SignedIn, url: string) {
    this.me = signedIn.userID;
    this.client = new Wigwag({ url, token: signedIn.token, userID: signedIn.userID });
    this.connection = new Store(this.client.state);
    this.client.on("state", (state) => this.connection.set(state));
    // What a newer server tells besides falls through every switch.
    this.client.on("event", (event) => this.#tell(event as unknown as KnownEvent));
    this.client.on("resync", ({ openInvitations }) => this.#startsAnew(openInvitations));
  }

  /** Signs in. Rejects with a WigwagError. */
  async open(): Promise<void> {
    const { openInvitations } = await this.client.connect();
    this.#startsAnew(openInvitations);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  /** Events of others and of this page itself, in order. Gives the function that ends it. */
  on(listener: (event: KnownEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Calls back whenever the list of open invitations was read as a whole: what scenes show is built again from it. */
  onOpening(listener: () => void): () => void {
    this.#openings.add(listener);
    return () => {
      this.#openings.delete(listener);
    };
  }

  async invite(invite: Omit<Invite, "data"> & { inviteID: string }, purpose: Purpose): Promise<Acted> {
    const params = { ...invite, data: write(purpose) };
    const acted = await this.client.signaling.invite(params);
    this.#invited(acted, params, [invite.invitee]);
    return acted;
  }

  async inviteInGroup(invite: Omit<InviteInGroup, "data">, purpose: Purpose): Promise<Acted> {
    const params = { ...invite, data: write(purpose) };
    const acted = await this.client.signaling.inviteInGroup(params);
    const ignored = new Set(acted.ignoredInvitees);
    const invitees = invite.inviteeList.filter((userID) => !ignored.has(userID));
    this.#invited(acted, params, invitees);
    return acted;
  }

  async accept(inviteID: string): Promise<Acted> {
    const acted = await this.#act("accept", { inviteID });
    await this.#answered("invitation.accepted", acted, "");
    return acted;
  }

  async reject(inviteID: string, refusal?: Refusal): Promise<Acted> {
    const data = refusal === undefined ? "" : write(refusal);
    const acted = await this.#act("reject", { inviteID, data });
    await this.#answered("invitation.rejected", acted, data);
    return acted;
  }

  async cancel(inviteID: string): Promise<Acted> {
    const acted = await this.#act("cancel", { inviteID });
    const entry = this.invitations.get().get(inviteID);
    if (entry !== undefined) {
      const inviteeList = entry.invitees.filter(({ state }) => state === "pending").map(({ userID }) => userID);
      this.#tell({ ...this.#own(acted), type: "invitation.cancelled", ...aboutOf(entry), data: "", inviteeList });
    }
    return acted;
  }

  async sendText(peer: Peer, text: string): Promise<MessageSent> {
    const sent = await this.client.messages.sendText({ ...peer, text });
    this.#sent(sent, peer, "text", { text });
    return sent;
  }

  /** A note that leaves no trace reaches those who are online now, and nobody hears of it later. */
  async note(peer: Peer, note: Note, trace: "stored" | "none"): Promise<MessageSent> {
    const data = write(note);
    const flags = trace === "none" ? { onlineUserOnly: true } : { excludedFromUnread: true, excludedFromLastMessage: true };
    const sent = await this.client.messages.sendCustom({ ...peer, data, ...flags });
    if (trace === "stored") {
      this.#sent(sent, peer, "custom", { data });
    }
    return sent;
  }

  /** Reads an invitation that was not heard of, or not for long. Undefined when it is not for this user to see. */
  async fetchInvitation(inviteID: string): Promise<InvitationView | undefined> {
    try {
      const { invitation } = await this.client.signaling.get({ inviteID });
      this.invitations.update((ledger) => put(ledger, invitation, performance.now()));
      return invitation;
    } catch (thrown) {
      if (thrown instanceof WigwagError) {
        return undefined;
      }
      throw thrown;
    }
  }

  /** Reads the open invitations again, as after joining a group that has some. */
  async fetchOpen(): Promise<void> {
    const { invitations } = await this.client.signaling.listOpen();
    for (const view of invitations) {
      this.invitations.update((ledger) => put(ledger, view, performance.now()));
    }
  }

  #act(method: "accept" | "reject" | "cancel", answer: Answer): Promise<Acted> {
    return this.client.signaling[method](answer);
  }

  #startsAnew(open: InvitationView[]): void {
    this.invitations.update((ledger) => snapshot(ledger, open, performance.now()));
    for (const listener of [...this.#openings]) {
      listener();
    }
  }

  #tell(event: KnownEvent): void {
    const unknown = missing(this.invitations.get(), event);
    if (unknown !== undefined) {
      void this.fetchInvitation(unknown);
    }
    this.invitations.update((ledger) => heard(ledger, event, performance.now()));
    for (const listener of [...this.#listeners]) {
      listener(event);
    }
  }

  #invited(acted: Acted, params: Omit<Partial<InviteInGroup>, "data"> & { data: string }, inviteeList: string[]): void {
    const { data, groupID, timeout = 30, onlineUserOnly } = params;
    this.#tell({
      ...this.#own(acted),
      type: "invitation.received",
      inviteID: acted.inviteID,
      inviter: this.me,
      inviteeList,
      data,
      timeout,
      device: THIS_DEVICE,
      ...(groupID === undefined ? {} : { groupID }),
      ...(onlineUserOnly === undefined ? {} : { onlineUserOnly }),
      ...(acted.deadline === undefined ? {} : { deadline: acted.deadline, remainingMs: acted.deadline - acted.time }),
    });
  }

  async #answered(type: "invitation.accepted" | "invitation.rejected", acted: Acted, data: string): Promise<void> {
    // A late-comer may answer what he has only read of.
    const entry = this.invitations.get().get(acted.inviteID) ?? (await this.fetchInvitation(acted.inviteID));
    if (entry !== undefined) {
      this.#tell({ ...this.#own(acted), type, ...aboutOf(entry), data, invitee: this.me, device: THIS_DEVICE });
    }
  }

  #sent(sent: MessageSent, peer: Peer, type: string, content: { [field: string]: unknown }): void {
    const { cursor = 0, ...place } = sent;
    const to = peer.groupID === undefined ? { receiver: peer.userID } : { groupID: peer.groupID };
    this.#tell({
      cursor,
      time: sent.time,
      type: "message.received",
      message: { ...place, ...to, sender: this.me, type, content },
    });
  }

  #own(acted: Acted) {
    const { cursor = 0, time, version, message } = acted;
    return { cursor, time, version, ...(message === undefined ? {} : { message }) };
  }
}

/** Stands where a device is named in events this page makes of its own doings; nobody looks at it. */
const THIS_DEVICE = { deviceID: "this", platform: 5 };

function aboutOf({ inviteID, inviter, groupID }: InvitationView) {
  return { inviteID, inviter, ...(groupID === undefined ? {} : { groupID }) };
}
