import { createDecipheriv, createECDH, createHmac, type ECDH, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PATIENCE_MS } from "./person.js";

/** The pair of RFC 8291, appendix A. */
export const PUBLIC_KEY = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const PRIVATE_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

/** Settings of a server that wakes browsers by a service on this machine, as soon as their page is closed. */
export const WAKES: NodeJS.ProcessEnv = {
  WIGWAG_PUSH_WEB_PUBLIC_KEY: PUBLIC_KEY,
  WIGWAG_PUSH_WEB_PRIVATE_KEY: PRIVATE_KEY,
  WIGWAG_PUSH_WEB_CONTACT: "mailto:admin@example.org",
  WIGWAG_PUSH_WEB_SERVICES: "127.0.0.1",
  WIGWAG_PUSH_WEB_ALLOW: "127.0.0.1",
  WIGWAG_SESSIONS_OFFLINE_GRACE_S: "0",
};

/** A push as a browser gets it from its push service. */
export interface Delivered {
  /** The subscription's address. */
  readonly path: string;
  /** What the page's worker is given. */
  readonly text: string;
}

/** A subscription that a browser would have got from its push service. */
export interface Subscription {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** Stands in for a browser vendor's push service, and for the browser's part of RFC 8291: it decrypts what the server sends. */
export class PushService {
  readonly #server: Server;
  readonly #keys: ECDH;
  readonly #auth = randomBytes(16);
  readonly #delivered: Delivered[] = [];
  readonly #gone = new Set<string>();
  #wake = () => {};

  private constructor() {
    this.#keys = createECDH("prime256v1");
    this.#keys.generateKeys();
    this.#server = createServer((request, response) => {
      void this.#take(request).then((status) => response.writeHead(status).end());
    });
  }

  static async start(): Promise<PushService> {
    const service = new PushService();
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    return service;
  }

  get subscription(): Subscription {
    const { port } = this.#server.address() as AddressInfo;
    const [p256dh, auth] = [this.#keys.getPublicKey(), this.#auth].map((key) => key.toString("base64url")) as [string, string];
    return { endpoint: `http://127.0.0.1:${port}/`, p256dh, auth };
  }

  /** The next push that came. */
  async next(): Promise<Delivered> {
    for (;;) {
      const delivered = this.#delivered.shift();
      if (delivered !== undefined) {
        return delivered;
      }
      await new Promise<void>((resolve, reject) => {
        const patience = setTimeout(() => reject(new Error("no push has come")), PATIENCE_MS);
        this.#wake = () => {
          clearTimeout(patience);
          resolve();
        };
      });
    }
  }

  /** The browser has given this subscription up. */
  forgets(path: string): void {
    this.#gone.add(path);
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request: IncomingMessage): Promise<number> {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece as Buffer);
    }
    if (this.#gone.has(request.url ?? "")) {
      return 410;
    }
    if (request.headers["content-encoding"] !== "aes128gcm" || !request.headers.authorization?.startsWith("vapid t=")) {
      return 400;
    }
    this.#delivered.push({ path: request.url ?? "", text: this.#open(Buffer.concat(pieces)) });
    this.#wake();
    return 201;
  }

  /** RFC 8291 section 3.4, with a record of RFC 8188. */
  #open(body: Buffer): string {
    const [salt, theirs, record] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.#keys.getPublicKey(), theirs]);
    const input = derive(this.#auth, this.#keys.computeSecret(theirs), info);
    const key = derive(salt, input, Buffer.from("Content-Encoding: aes128gcm\0")).subarray(0, 16);
    const nonce = derive(salt, input, Buffer.from("Content-Encoding: nonce\0")).subarray(0, 12);
    const cipher = createDecipheriv("aes-128-gcm", key, nonce);
    cipher.setAuthTag(record.subarray(-16));
    const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString("utf8");
  }
}

/** One block of HKDF with SHA-256 (RFC 5869). */
function derive(salt: Buffer, input: Buffer, info: Buffer): Buffer {
  const extracted = createHmac("sha256", salt).update(input).digest();
  return createHmac("sha256", extracted)
    .update(Buffer.concat([info, Buffer.from([1])]))
    .digest();
}
