import type { RoomItem } from "../rooms/items.js";

export interface Hand {
  readonly userID: string;
  /** Server time in ms. */
  readonly time: number;
}

/** One question of the teacher to all pupils: who wants to speak? */
export interface Round {
  /** The inviteID of its first invitation. */
  readonly id: string;
  readonly open: boolean;
  /** The inviteID for each pupil who has not answered. Late-comers have an invitation of their own. */
  readonly waiting: ReadonlyMap<string, string>;
  /** The inviteIDs of all its invitations. */
  readonly invitations: ReadonlySet<string>;
  /** The userIDs of all pupils who were asked. */
  readonly asked: ReadonlySet<string>;
}

export interface ClassState {
  readonly round?: Round;
  /** The raised hands, in the order in which they went up. */
  readonly hands: readonly Hand[];
  /** The pupil who was called up and has not answered. */
  readonly called?: { readonly userID: string; readonly inviteID: string };
  /** The pupil who has the floor. */
  readonly speaker?: string;
}

const QUIET: ClassState = { hands: [] };

/** The state of the class after `items`. */
export function classOf(items: readonly RoomItem[], teacher: string): ClassState {
  return items.reduce((state, item) => after(state, item, teacher), QUIET);
}

/** Whether a round begins with this item, so that earlier items no longer matter. */
export function beginsRound(item: RoomItem): boolean {
  return (
    item.kind === "invited" && item.purpose.scene === "class" && "round" in item.purpose && item.purpose.round === item.inviteID
  );
}

/** Members who joined after the round began and were not asked yet. */
export function lateComers({ round }: ClassState, members: readonly string[], teacher: string): string[] {
  return round?.open === true ? members.filter((userID) => userID !== teacher && !round.asked.has(userID)) : [];
}

/** Who may be heard: the teacher, and whoever has the floor. */
export function speakersOf({ speaker }: ClassState, teacher: string): string[] {
  return speaker === undefined || speaker === teacher ? [teacher] : [teacher, speaker];
}

/** Pupils who have the floor or a raised hand, but are not in the room any more. */
export function absent({ speaker, hands }: ClassState, here: readonly string[]): string[] {
  const active = [...(speaker === undefined ? [] : [speaker]), ...hands.map(({ userID }) => userID)];
  return active.filter((userID) => !here.includes(userID));
}

/** The state without the hands and the floor of pupils who left the room. */
export function present({ speaker, ...state }: ClassState, members: readonly string[]): ClassState {
  const here = new Set(members);
  const speaks = speaker === undefined || !here.has(speaker) ? {} : { speaker };
  return { ...state, ...speaks, hands: state.hands.filter(({ userID }) => here.has(userID)) };
}

/** The state after one more item. Any member can send any item, so an item from a user who may not do it changes nothing. */
function after(state: ClassState, item: RoomItem, teacher: string): ClassState {
  switch (item.kind) {
    case "invited":
      return item.inviter === teacher ? invited(state, item) : state;
    case "answered":
      return answered(state, item);
    case "closed":
      return closed(state, item);
    case "note":
      return noted(state, item, teacher);
    case "text":
      return state;
  }
}

type Item<K extends RoomItem["kind"]> = Extract<RoomItem, { kind: K }>;

function invited(state: ClassState, { inviteID, invitees, purpose }: Item<"invited">): ClassState {
  if (purpose.scene !== "class") {
    return state;
  }
  if (purpose.action === "speak") {
    const [userID] = invitees;
    return userID === undefined ? state : { ...state, called: { userID, inviteID } };
  }
  const { round } = state;
  const waiting = invitees.map((userID) => [userID, inviteID] as const);
  if (purpose.round === inviteID) {
    const asked = new Set(invitees);
    return { round: { id: inviteID, open: true, waiting: new Map(waiting), invitations: new Set([inviteID]), asked }, hands: [] };
  }
  return round?.id === purpose.round
    ? {
        ...state,
        round: {
          ...round,
          waiting: new Map([...round.waiting, ...waiting]),
          invitations: new Set([...round.invitations, inviteID]),
          asked: new Set([...round.asked, ...invitees]),
        },
      }
    : state;
}

function answered(state: ClassState, { inviteID, invitee, accepted, time }: Item<"answered">): ClassState {
  const { round, called } = state;
  if (called?.inviteID === inviteID) {
    const down = lowered(uncalled(state), invitee);
    return accepted ? { ...down, speaker: invitee } : down;
  }
  if (round === undefined || !round.invitations.has(inviteID)) {
    return state;
  }
  const waiting = new Map(round.waiting);
  waiting.delete(invitee);
  const settled = { ...state, round: { ...round, waiting } };
  return accepted ? raised(settled, invitee, time) : settled;
}

function closed(state: ClassState, { inviteID, invitees }: Item<"closed">): ClassState {
  if (state.called?.inviteID === inviteID) {
    return uncalled(state);
  }
  const { round } = state;
  if (round === undefined || !round.invitations.has(inviteID)) {
    return state;
  }
  return { ...state, round: { ...round, waiting: new Map([...round.waiting].filter(([userID]) => !invitees.includes(userID))) } };
}

function noted(state: ClassState, { sender, note, time }: Item<"note">, teacher: string): ClassState {
  if (note.scene !== "class") {
    return state;
  }
  switch (note.action) {
    case "raise":
      return state.round?.asked.has(sender) === true ? raised(state, sender, time) : state;
    case "lower":
      return note.who === sender || sender === teacher ? lowered(state, note.who) : state;
    case "close":
      return sender === teacher && state.round !== undefined
        ? { ...state, round: { ...state.round, open: false, waiting: new Map() }, hands: [] }
        : state;
  }
}

function raised(state: ClassState, userID: string, time: number): ClassState {
  const up = state.hands.some((hand) => hand.userID === userID);
  return up || state.round?.open !== true ? state : { ...state, hands: [...state.hands, { userID, time }] };
}

/** Lowers the hand of a user, and takes the floor from them. */
function lowered({ speaker, ...state }: ClassState, userID: string): ClassState {
  const hands = state.hands.filter((hand) => hand.userID !== userID);
  return { ...state, hands, ...(speaker === undefined || speaker === userID ? {} : { speaker }) };
}

function uncalled({ called: _, ...state }: ClassState): ClassState {
  return state;
}
