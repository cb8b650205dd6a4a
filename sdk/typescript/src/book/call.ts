import type { AnyEvent, EventOf, KnownEvent } from "../events.js";
import { present } from "../present.js";
import type { CallEndReason, CallId, CallLink, CallOnly, CallView, PersonView, UserId } from "../wire/index.js";

/** The call that an invitation begins: it is named as the invitation. Of one into which somebody is invited later, an invitation says too little. */
export function begun(event: EventOf<"invitation.received">): CallView | undefined {
  const { call, inviteID, groupID, inviter: caller, inviteeList, busyLineUserIDList, device, time: createdAt } = event;
  if (call?.callID !== inviteID) {
    return undefined;
  }
  const caller_ = { userID: caller, state: "joined", at: createdAt, joinedAt: createdAt, device } as const;
  const view = { ...call, groupID, caller, createdAt, people: [present(caller_)], durationMs: 0, version: 1 };
  const after = invited(present(view), inviteID, inviteeList, busyLineUserIDList, createdAt);
  return after.people.some(is("ringing")) ? after : ended(after, createdAt, "busy");
}

/** The call after the step that an event tells. */
export function stepped(view: CallView, event: KnownEvent): CallView {
  const { time } = event;
  switch (event.type) {
    case "invitation.accepted":
      return entered(view, event.invitee, event.device, time);
    case "call.joined":
      return entered(view, event.userID, event.device, time);
    case "invitation.rejected":
      return ended(declined(view, [event.invitee], "rejected", time), time, "rejected");
    case "invitation.cancelled":
      return ended(declined(view, event.inviteeList, "cancelled", time), time, "cancelled");
    case "invitation.timedOut":
      return ended(declined(view, event.inviteeList, "timedOut", time), time, "timedOut");
    case "call.invited":
      return invited(view, event.inviteID, event.userIDs, event.busyLineUserIDList, time);
    case "call.declined":
      return ended(declined(view, event.userIDs, event.state, time), time, event.endReason);
    case "call.hungUp": {
      const people = put(view.people, event.userID, { state: "left", at: time, reason: event.reason });
      return ended({ ...view, people }, time, event.endReason, event.durationMs);
    }
    case "call.ended":
      return ended(view, time, event.endReason, event.durationMs);
    default:
      return view;
  }
}

/** The call and its version after an event of the call's own; undefined for other events. */
export function headOf({ type, callID, version }: AnyEvent): [CallId, number] | undefined {
  const isStep = type.startsWith("call.") && type !== "call.signal" && typeof callID === "string" && typeof version === "number";
  return isStep ? [callID, version] : undefined;
}

/** Whether the events of its one invitation are all that tells of it. */
export function isBetweenTwo({ groupID, people }: CallView): boolean {
  return groupID === undefined && people.length <= 2;
}

/** Whether somebody who was called neither came nor said no, and does not ring. */
export function isMissedBy({ people }: CallView, me: UserId): boolean {
  const { state, joinedAt } = people.find(({ userID }) => userID === me) ?? {};
  return joinedAt === undefined && (state === "busy" || state === "timedOut" || state === "cancelled");
}

export function isNamed({ callID, roomID }: CallLink, which: CallOnly): boolean {
  return which.callID === undefined ? which.roomID === roomID : which.callID === callID;
}

export function is(state: PersonView["state"]): (person: PersonView) => boolean {
  return (person) => person.state === state;
}

function invited(
  view: CallView,
  inviteID: string,
  userIDs: readonly UserId[],
  busy: readonly UserId[] = [],
  at: number,
): CallView {
  const people = [...userIDs, ...busy].reduce(
    (before, userID) => put(before, userID, { state: busy.includes(userID) ? "busy" : "ringing", at, inviteID }),
    view.people,
  );
  return { ...view, people };
}

function entered(view: CallView, userID: UserId, device: PersonView["device"], at: number): CallView {
  const { joinedAt = at } = view.people.find((person) => person.userID === userID) ?? {};
  const people = put(view.people, userID, { state: "joined", at, joinedAt, device });
  const answers = people.filter(is("joined")).length > 1;
  return present({ ...view, people, answeredAt: view.answeredAt ?? (answers ? at : undefined) });
}

function declined(view: CallView, userIDs: readonly UserId[], state: PersonView["state"], at: number): CallView {
  const people = view.people.map((one) =>
    one.state === "ringing" && userIDs.includes(one.userID) ? { ...one, state, at } : one,
  );
  return { ...view, people };
}

/** The call when it is over, and as it was without a reason. Without `talked` its duration counts from the answer. */
function ended(view: CallView, at: number, why?: CallEndReason, talked = at - (view.answeredAt ?? at)): CallView {
  if (why === undefined) {
    return view;
  }
  const people = view.people.reduce((before, { userID, state }) => {
    const left = { state: "left", at, reason: "callEnded" } as const;
    return state === "joined"
      ? put(before, userID, left)
      : state === "ringing"
        ? put(before, userID, { state: "cancelled", at })
        : before;
  }, view.people);
  return { ...view, people, endedAt: at, endReason: why, durationMs: talked };
}

type Change = Pick<PersonView, "state" | "at"> & { [F in keyof PersonView]?: PersonView[F] | undefined };

/** Each user stands once, at the place where they were first named. */
function put(people: readonly PersonView[], userID: UserId, change: Change): PersonView[] {
  const before = people.find((person) => person.userID === userID);
  const { device: _, reason: __, ...lasting } = before ?? { userID };
  const after = present({ ...lasting, ...change }) as PersonView;
  return before === undefined ? [...people, after] : people.map((person) => (person === before ? after : person));
}
