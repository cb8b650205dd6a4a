import { type Message, type Remark, sequenceDiagram } from "../../src/kit/mermaid.js";
import type { Step, Story } from "./shapes.js";
import { utc } from "./words.js";

const SERVER = "server";

/** A story as a sequence diagram in Mermaid's language: each step goes to the server, and on to everybody in whose stream it is. */
export function diagramOf({ invitation, steps, complete }: Story): string {
  const people = new Set([invitation.inviter]);
  for (const step of steps) {
    for (const user of [...(step.by === undefined ? [] : [step.by]), ...step.told.map(({ userID }) => userID)]) {
      people.add(user);
    }
  }
  const [inviter = invitation.inviter, ...others] = people;
  // A user may be called "server" too.
  const server = people.has(SERVER) ? `${SERVER} (this one)` : SERVER;
  const missing: Remark[] = complete ? [] : [{ over: [server], text: "Steps are missing" }];
  const rows = steps.flatMap((step) => rowsOf(step, server));
  return sequenceDiagram([inviter, server, ...others], [...missing, ...rows]);
}

function rowsOf(step: Step, server: string): (Message | Remark)[] {
  const text = `${utc(step.time).slice(11)} ${step.type}`;
  const begun: Message | Remark =
    step.by === undefined ? { over: [server], text } : { from: step.by, to: server, text: text + deviceOf(step) };
  const others = step.told.filter(({ userID }) => userID !== step.by);
  return [
    begun,
    ...others.map(({ userID, cursor }) => ({ from: server, to: userID, text: `${step.type} at ${cursor}`, isDotted: true })),
  ];
}

function deviceOf({ device }: Step): string {
  return device === undefined ? "" : ` from ${device.deviceID}`;
}
