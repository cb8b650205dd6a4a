import type { InvitationView, Invitee, InviteeState, KnownEvent } from "@wigwag/sdk";

/** An invitation as this page knows it. */
export type Entry = InvitationView & {
  /** When it ends by this page's clock, ms; the server's deadline counts, this is for showing what is left. */
  readonly endsAt?: number;
};

/** What is known of invitations, by inviteID, oldest first. A step never goes back: an older version changes nothing. */
export type Ledger = ReadonlyMap<string, Entry>;

/** Ended invitations that are kept, so that a page left open for days does not grow. */
const ENDED_KEPT = 200;

/** The ledger after `event`; `now` is in ms of this page's clock. */
export function heard(ledger: Ledger, event: KnownEvent, now: number): Ledger {
  switch (event.type) {
    case "invitation.received":
      return put(ledger, viewOf(event), now);
    case "invitation.accepted":
      return step(ledger, event, (entry) => settle(entry, [event.invitee], "accepted", event));
    case "invitation.rejected":
      return step(ledger, event, (entry) =>
        settle(entry, [event.invitee], event.reason === "leftGroup" ? "removed" : "rejected", event),
      );
    case "invitation.cancelled":
      return step(ledger, event, (entry) => settle(entry, event.inviteeList, "cancelled", { ...event, data: undefined }));
    case "invitation.timedOut":
      return step(ledger, event, (entry) => settle(entry, event.inviteeList, "timedOut", { ...event, data: undefined }));
    case "invitation.modified":
      return step(ledger, event, (entry) => ({ ...entry, data: event.data }));
    default:
      return ledger;
  }
}

/** The invitation that `event` tells about without this page having heard of it. */
export function missing(ledger: Ledger, event: KnownEvent): string | undefined {
  switch (event.type) {
    case "invitation.accepted":
    case "invitation.rejected":
    case "invitation.cancelled":
    case "invitation.timedOut":
    case "invitation.modified":
      return ledger.has(event.inviteID) ? undefined : event.inviteID;
    default:
      return undefined;
  }
}

/** The ledger with an invitation as the server describes it. */
export function put(ledger: Ledger, view: InvitationView, now: number): Ledger {
  const known = ledger.get(view.inviteID);
  if (known !== undefined && known.version >= view.version) {
    return ledger;
  }
  const endsAt = view.remainingMs === undefined ? known?.endsAt : now + view.remainingMs;
  return bounded(new Map(ledger).set(view.inviteID, { ...view, ...(endsAt === undefined ? {} : { endsAt }) }));
}

/** `open` is everything that is open: whatever else was has ended without this page hearing how. */
export function snapshot(ledger: Ledger, open: readonly InvitationView[], now: number): Ledger {
  const stillOpen = new Set(open.map(({ inviteID }) => inviteID));
  const closed = new Map(
    [...ledger].map(([inviteID, entry]) => [inviteID, stillOpen.has(inviteID) ? entry : { ...entry, status: "ended" as const }]),
  );
  return open.reduce((next, view) => put(next, view, now), closed as Ledger);
}

type Received = Extract<KnownEvent, { type: "invitation.received" }>;

function viewOf(event: Received): InvitationView {
  const { inviteID, inviter, inviteeList, data, timeout, version, device, time, groupID, deadline, remainingMs, onlineUserOnly } =
    event;
  return {
    inviteID,
    inviter,
    data,
    timeout,
    version,
    inviterDevice: device,
    createdAt: time,
    status: "open",
    invitees: inviteeList.map((userID) => ({ userID, state: "pending" })),
    ...(groupID === undefined ? {} : { groupID }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(remainingMs === undefined ? {} : { remainingMs }),
    ...(onlineUserOnly === undefined ? {} : { onlineUserOnly }),
  };
}

function step(ledger: Ledger, event: { inviteID: string; version: number }, change: (entry: Entry) => Entry): Ledger {
  const entry = ledger.get(event.inviteID);
  if (entry === undefined || entry.version >= event.version) {
    return ledger;
  }
  const next = { ...change(entry), version: event.version };
  return new Map(ledger).set(event.inviteID, next);
}

function settle(
  entry: Entry,
  who: readonly string[],
  state: InviteeState,
  { time, data }: { time: number; data?: string | undefined },
): Entry {
  const invitees = entry.invitees.map((invitee): Invitee => {
    const concerned = who.includes(invitee.userID) && invitee.state === "pending";
    return concerned ? { ...invitee, state, at: time, ...(data === undefined ? {} : { data }) } : invitee;
  });
  const status = invitees.some((invitee) => invitee.state === "pending") ? "open" : "ended";
  return { ...entry, invitees, status };
}

function bounded(ledger: Map<string, Entry>): Ledger {
  const ended = [...ledger.values()].filter(({ status }) => status === "ended");
  for (const { inviteID } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) {
    ledger.delete(inviteID);
  }
  return ledger;
}
