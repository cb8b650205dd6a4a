import type { CallEntry, Wigwag } from "../../../src/index.js";
import { Room } from "../../../src/trtc/room.js";
import { Notebook } from "../tencent/people.js";

/** Somebody in a room, and all the room told them. */
export class Visitor extends Notebook {
  readonly room: Room;

  constructor(
    readonly client: Wigwag,
    readonly userID: string,
    name: string,
  ) {
    super(`${userID} in room ${name}`);
    const tells = (told: string) => (data: unknown) => this.notes(told)({ name: told, data });
    this.room = new Room(client, userID, name, {
      came: tells("came"),
      left: tells("left"),
      received: (whose, { kind }) => tells("received")(`${kind} of ${whose}`),
      switched: (whose, on) => tells("switched")({ whose, ...on }),
      linked: (whose, state) => tells("linked")(`${state} with ${whose}`),
      moved: () => tells("moved")(undefined),
      failed: tells("failed"),
    });
    this.room.start();
  }

  /** Invites as the chat does, which tells the room of the reply. */
  async invites(invitee: string): Promise<CallEntry> {
    const { name: roomID } = this.room;
    const reply = this.client.signaling.invite({ invitee, timeout: 30, call: { mediaType: "video", roomID } });
    void this.room.enters(
      reply.then(({ call }) => call),
      () => true,
    );
    return (await reply).call as CallEntry;
  }

  async accepts({ callID: inviteID }: CallEntry): Promise<void> {
    const reply = this.client.signaling.accept({ inviteID });
    void this.room.enters(
      reply.then(({ call }) => call),
      ({ roomID }) => roomID === this.room.name,
    );
    await reply;
  }
}
