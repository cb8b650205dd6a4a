import type { V2TimServer } from "../../../src/v2tim/index.js";
import { World } from "../world.js";
import { Phone } from "./phone.js";

/** A server, people with the native client, and people with apps on the V2TIM surface. */
export class Street {
  readonly #phones: Phone[] = [];

  private constructor(readonly world: World) {}

  static async start(config = ""): Promise<Street> {
    return new Street(await World.start(config));
  }

  /** An app that was not started yet. */
  newPhone(userID: string): Phone {
    const phone = new Phone(this.world.server, userID);
    this.#phones.push(phone);
    return phone;
  }

  /** An app that is signed in. */
  async phone(userID: string, options: Partial<V2TimServer> = {}): Promise<Phone> {
    const phone = this.newPhone(userID);
    await phone.starts(options);
    await phone.logsIn();
    return phone;
  }

  async end(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.manager.logout()));
    await this.world.end();
  }
}

/** What a device keeps when its app is killed. */
export class Flash {
  readonly #kept = new Map<string, string>();

  async getItem(key: string): Promise<string | null> {
    return this.#kept.get(key) ?? null;
  }

  async setItem(key: string, value: string): Promise<void> {
    this.#kept.set(key, value);
  }
}
