import type { ParticipantInfo } from "@livekit/protocol";
import type { Participant } from "./participant.js";
import type { Published } from "./publisher.js";

/** A room: everybody in it is told of everybody else, and is sent what they publish. */
export class Room {
  readonly name: string;
  /** By identity. */
  readonly participants = new Map<string, Participant>();
  readonly #left: (identity: string) => void;

  /** `left` is told of everybody who leaves. */
  constructor(name: string, left: (identity: string) => void) {
    this.name = name;
    this.#left = left;
  }

  /** Lets somebody in, who from then on is sent what the others publish. A session that they had before ends. */
  enters(participant: Participant): void {
    const before = this.participants.get(participant.identity);
    this.participants.set(participant.identity, participant);
    before?.isReplaced();
    this.tells(participant.info());
    for (const other of this.#othersOf(participant)) {
      for (const published of other.publisher.published.values()) {
        participant.subscriber.add(other.sid, published);
      }
    }
  }

  /** Somebody has gone, or another session has taken their place. */
  leaves(participant: Participant): void {
    if (this.participants.get(participant.identity) === participant) {
      this.participants.delete(participant.identity);
    }
    this.tells(participant.info());
    this.withdraws(participant, [...participant.publisher.published.keys()]);
    this.#left(participant.identity);
  }

  publishes(participant: Participant, published: Published): void {
    this.tells(participant.info());
    for (const other of this.#othersOf(participant)) {
      other.subscriber.add(participant.sid, published);
    }
  }

  withdraws(participant: Participant, trackSids: readonly string[]): void {
    for (const other of this.#othersOf(participant)) {
      other.subscriber.remove(trackSids);
    }
  }

  /** Tells everybody else what a participant is now. */
  tells(info: ParticipantInfo): void {
    for (const other of this.participants.values()) {
      if (other.identity !== info.identity) {
        other.hears([info]);
      }
    }
  }

  /** What somebody publishes, by its sid. */
  published(trackSid: string): { sid: string; published: Published } | undefined {
    for (const { sid, publisher } of this.participants.values()) {
      const published = publisher.published.get(trackSid);
      if (published !== undefined) {
        return { sid, published };
      }
    }
    return undefined;
  }

  #othersOf(participant: Participant): Participant[] {
    return [...this.participants.values()].filter(({ identity }) => identity !== participant.identity);
  }
}
