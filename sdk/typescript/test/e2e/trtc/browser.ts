/** How a browser connects, as far as the rooms see it: two that have each other's description are connected. No media flow. */
export class FakePeerConnection {
  /** All that were made, the oldest first. */
  static readonly made: FakePeerConnection[] = [];

  onnegotiationneeded: (() => void) | undefined;
  onicecandidate: ((event: { candidate: unknown }) => void) | undefined;
  onconnectionstatechange: (() => void) | undefined;
  ontrack: ((event: { track: { kind: string } }) => void) | undefined;
  connectionState = "new";
  signalingState = "stable";
  localDescription: { type: string; sdp: string } | undefined;
  readonly candidates: unknown[] = [];
  readonly #transceivers: object[] = [];
  #remote: { type: string } | undefined;

  constructor(readonly configuration: { iceServers: object[] }) {
    FakePeerConnection.made.push(this);
  }

  addTransceiver(kind: string): object {
    const transceiver = { receiver: { track: { kind } }, sender: { replaceTrack: async () => {} }, direction: "sendrecv" };
    this.#transceivers.push(transceiver);
    if (this.#transceivers.length === 1) {
      queueMicrotask(() => this.onnegotiationneeded?.());
    }
    return transceiver;
  }

  getTransceivers(): object[] {
    return this.#transceivers;
  }

  restartIce(): void {
    this.onnegotiationneeded?.();
  }

  async setLocalDescription(): Promise<void> {
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.localDescription = { type, sdp: type };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    queueMicrotask(() => this.onicecandidate?.({ candidate: { candidate: "host", toJSON: () => ({ candidate: "host" }) } }));
    this.#meet();
  }

  async setRemoteDescription(description: { type: string }): Promise<void> {
    this.#remote = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    if (this.#transceivers.length === 0) {
      this.addTransceiver("audio");
      this.addTransceiver("video");
    }
    for (const kind of ["audio", "video"]) {
      this.ontrack?.({ track: { kind } });
    }
    this.#meet();
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
  }

  async getStats(): Promise<Map<string, object>> {
    return new Map();
  }

  close(): void {
    this.connectionState = "closed";
  }

  #meet(): void {
    if (this.#remote !== undefined && this.localDescription !== undefined && this.signalingState === "stable") {
      this.connectionState = "connected";
      this.onconnectionstatechange?.();
    }
  }
}
