/** How long a voice counts after its last packet, ms. A microphone that is on sends fifty a second. */
const SPOKEN_MS = 500;

/** How loud what a browser receives is now, 0 to 1, as the other browser says in the packets that came last. */
export function levelOf(receiver: RTCRtpReceiver | undefined): number {
  const [newest] = receiver?.getSynchronizationSources() ?? [];
  const age = newest === undefined ? Number.POSITIVE_INFINITY : performance.timeOrigin + performance.now() - newest.timestamp;
  return age < SPOKEN_MS ? (newest?.audioLevel ?? 0) : 0;
}
