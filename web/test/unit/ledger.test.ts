import type { InvitationView, KnownEvent } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { heard, type Ledger, missing, put, snapshot } from "../../src/invitations/ledger.js";

const device = { deviceID: "d", platform: 5 } as const;
const about = { cursor: 1, time: 10, inviteID: "i", inviter: "ann", data: "" };

const received: KnownEvent = {
  ...about,
  type: "invitation.received",
  inviteeList: ["bob", "cem"],
  data: "hello",
  timeout: 30,
  version: 1,
  device,
  remainingMs: 5_000,
};
const accepted: KnownEvent = { ...about, type: "invitation.accepted", invitee: "bob", version: 2, device };
const rejected: KnownEvent = { ...about, type: "invitation.rejected", invitee: "cem", version: 3, device };

function after(...events: KnownEvent[]): Ledger {
  return events.reduce((ledger, event) => heard(ledger, event, 1_000), new Map() as Ledger);
}

function states(ledger: Ledger): string[] {
  return ledger.get("i")?.invitees.map(({ userID, state }) => `${userID} ${state}`) ?? [];
}

it("follows an invitation to its end", () => {
  expect(after(received).get("i")).toMatchObject({ status: "open", endsAt: 6_000 });
  expect(states(after(received, accepted))).toEqual(["bob accepted", "cem pending"]);
  expect(after(received, accepted, rejected).get("i")?.status).toBe("ended");
});

it("never goes back: what is older than what is known changes nothing", () => {
  const ledger = after(received, accepted, rejected);
  expect(heard(ledger, accepted, 1_000)).toBe(ledger);
  expect(heard(ledger, received, 1_000)).toBe(ledger);
});

it("a timeout settles those who were pending, and leaves the others", () => {
  const timedOut: KnownEvent = { ...about, type: "invitation.timedOut", inviteeList: ["cem"], version: 3 };
  expect(states(after(received, accepted, timedOut))).toEqual(["bob accepted", "cem timedOut"]);
});

it("who leaves the group is removed, not unwilling", () => {
  expect(states(after(received, { ...rejected, version: 2, reason: "leftGroup" }))).toEqual(["bob pending", "cem removed"]);
});

it("names the invitation that it has not heard of", () => {
  expect(missing(new Map(), accepted)).toBe("i");
  expect(missing(after(received), accepted)).toBeUndefined();
  expect(missing(new Map(), received)).toBeUndefined();
});

it("ends what is not among the open ones", () => {
  const open: InvitationView = {
    inviteID: "j",
    inviter: "ann",
    data: "",
    timeout: 0,
    version: 1,
    createdAt: 0,
    status: "open",
    inviterDevice: device,
    invitees: [{ userID: "bob", state: "pending" }],
  };
  const ledger = snapshot(after(received), [open], 1_000);
  expect(ledger.get("i")?.status).toBe("ended");
  expect(ledger.get("j")?.status).toBe("open");
});

it("does not grow with what has ended", () => {
  let ledger: Ledger = new Map();
  const view = { inviter: "ann", data: "", timeout: 0, createdAt: 0, inviterDevice: device, invitees: [], version: 1 };
  for (let number = 0; number < 1_000; number += 1) {
    ledger = put(ledger, { ...view, inviteID: `i-${number}`, status: "ended" }, 0);
  }
  expect(ledger.size).toBeLessThanOrEqual(200);
  expect(ledger.has("i-999")).toBe(true);
});
