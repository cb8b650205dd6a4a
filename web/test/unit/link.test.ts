import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PeerLink } from "../../src/media/link.js";

/** Tracks and streams without a browser, as far as a link looks at them. */
type Track = { readonly kind: string; readonly name: string };

/** A connection of the side that answers: a place for what it sends comes with the offer. */
class Connection {
  static made: Connection;
  localDescription = { type: "answer", sdp: "" };
  readonly #places: { direction: string; receiver: { track: { kind: string } }; sender: Sender }[] = [];

  constructor() {
    Connection.made = this;
  }

  getTransceivers() {
    return this.#places;
  }

  addTrack(track: Track): void {
    this.#offers(track.kind, track);
  }

  async setRemoteDescription(): Promise<void> {
    for (const kind of ["audio", "video"]) {
      if (!this.#places.some(({ receiver }) => receiver.track.kind === kind)) {
        this.#offers(kind, null);
      }
    }
  }

  async setLocalDescription(): Promise<void> {}

  close(): void {}

  /** What goes out, by its name. */
  get sent(): (string | undefined)[] {
    return this.#places.map(({ sender }) => sender.track?.name);
  }

  #offers(kind: string, track: Track | null): void {
    this.#places.push({ direction: "recvonly", receiver: { track: { kind } }, sender: new Sender(track) });
  }
}

class Sender {
  constructor(public track: Track | null) {}

  async replaceTrack(track: Track | null): Promise<void> {
    this.track = track;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("MediaStream", class {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const offer = { description: { type: "offer" as const, sdp: "" } };

function answering(local: Promise<Track[]>): PeerLink {
  return new PeerLink({
    iceServers: [],
    offers: false,
    kinds: ["audio", "video"],
    local: local.then((tracks) => ({ getTracks: () => tracks }) as unknown as MediaStream),
    screen: () => undefined,
    devices: () => ({ microphone: true, camera: false }),
    send: async () => undefined,
    lost: () => undefined,
  });
}

const replaced = (link: PeerLink, track: Track) => link.replace(track.kind, track as unknown as MediaStreamTrack);

it("a camera that is switched on before the offer comes is seen", async () => {
  const link = answering(Promise.resolve([{ kind: "audio", name: "voice" }]));
  await vi.advanceTimersByTimeAsync(0);
  await replaced(link, { kind: "video", name: "camera" });
  expect(Connection.made.sent).toEqual(["voice"]);
  link.take([offer]);
  await vi.advanceTimersByTimeAsync(0);
  expect(Connection.made.sent).toEqual(["voice", "camera"]);
  link.close();
});

it("a microphone that is changed while the first one opens is heard", async () => {
  const link = answering(Promise.resolve([{ kind: "audio", name: "first" }]));
  await replaced(link, { kind: "audio", name: "second" });
  link.take([offer]);
  await vi.advanceTimersByTimeAsync(0);
  expect(Connection.made.sent).toEqual(["second", undefined]);
  link.close();
});
