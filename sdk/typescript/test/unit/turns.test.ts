import { expect, test } from "vitest";
import { Link } from "../../src/transport/socket.js";

/** Hands on all frames of a packet in one go, like the package `ws`. */
class Packets {
  static last: Packets | undefined;
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;

  constructor() {
    Packets.last = this;
  }

  send(): void {}
  close(): void {}

  brings(...frames: string[]): void {
    for (const data of frames) {
      this.onmessage?.({ data } as never);
    }
  }
}

test("whoever awaits what a frame brought goes on before the next frame is heard", async () => {
  const order: string[] = [];
  const ended = new Promise<void>((resolve) => {
    new Link(Packets, "ws://127.0.0.1", {
      connected: () => {},
      text: (text) => {
        order.push(text);
        void (async () => {
          // As deep as a call through two layers of an app.
          for (let depth = 0; depth < 20; depth += 1) {
            await undefined;
          }
          order.push(`${text} is dealt with`);
        })();
      },
      ended: (code) => {
        order.push(`ended with ${code}`);
        resolve();
      },
    });
  });
  Packets.last?.brings("reply", "event");
  Packets.last?.onclose?.({ code: 4001 } as never);
  await ended;
  expect(order).toEqual(["reply", "reply is dealt with", "event", "event is dealt with", "ended with 4001"]);
});

test("nothing is heard of a connection that was hung up in between", async () => {
  const heard: string[] = [];
  const link = new Link(Packets, "ws://127.0.0.1", {
    connected: () => {},
    text: (text) => {
      heard.push(text);
      link.hangUp();
    },
    ended: () => heard.push("the end"),
  });
  Packets.last?.brings("first", "second");
  await new Promise((resolve) => setTimeout(resolve));
  expect(heard).toEqual(["first"]);
});
