import { type KnownEvent, Wigwag } from "@wigwag/sdk";
import WebSocket from "ws";
import { readPurpose } from "../../src/session/payload.js";

/** Many users without a browser. Each raises a hand when asked, and takes a seat when offered one. */
export class Crowd {
  readonly #clients: Wigwag[] = [];
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Signs all of them in and joins a room. */
  async join(groupID: string, names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#joins(groupID, name)));
  }

  /** All of them turn on the sound of a room, which is on already, without sending or hearing anything. */
  async turnOn(groupID: string): Promise<void> {
    const { call } = (await this.#clients[0]?.calls.get({ groupID })) ?? {};
    for (const client of call === undefined ? [] : this.#clients) {
      await client.calls.join({ callID: call?.callID ?? "" });
    }
  }

  /** All of them turn it off again. */
  async turnOff(groupID: string): Promise<void> {
    const { call } = (await this.#clients[0]?.calls.get({ groupID })) ?? {};
    await Promise.all(this.#clients.map((client) => client.calls.hangUp({ callID: call?.callID ?? "" })));
  }

  /** A user's other device calls all of them into the user's call, and they come, without sending or hearing anything. */
  async isCalledInto(userID: string, names: readonly string[]): Promise<void> {
    const caller = await this.#signsIn(userID);
    const [running] = (await caller.calls.list({ limit: 1 })).calls;
    await Promise.all(names.map((name) => this.#signsIn(name)));
    for (const invitee of names) {
      const call = { mediaType: running?.mediaType ?? "", roomID: running?.roomID ?? "" };
      await caller.signaling.invite({ invitee, timeout: 30, call });
    }
  }

  /** Each of them says something to a user. */
  async write(userID: string, names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const client = await this.#signsIn(name);
        await client.messages.sendText({ userID, text: `I am ${name}.` });
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
  }

  async #joins(groupID: string, name: string): Promise<void> {
    const client = await this.#signsIn(name);
    await client.groups.join({ groupID });
  }

  async #signsIn(name: string): Promise<Wigwag> {
    const client = new Wigwag({ url: this.#url, token: () => this.#token(name), webSocket: WebSocket, connectTimeoutMs: 30_000 });
    this.#clients.push(client);
    client.on("event", (event) => void answer(client, name, event as unknown as KnownEvent));
    await client.connect();
    return client;
  }

  async #token(userID: string): Promise<string> {
    const response = await fetch(`${this.#url}/v1/dev/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ userID }),
    });
    return ((await response.json()) as { token: string }).token;
  }
}

async function answer(client: Wigwag, name: string, event: KnownEvent): Promise<void> {
  if (event.type === "invitation.received" && event.inviteeList.includes(name)) {
    const purpose = readPurpose(event.data);
    if (event.call !== undefined || purpose?.scene === "class" || purpose?.scene === "live") {
      await client.signaling.accept({ inviteID: event.inviteID });
    }
  }
}
