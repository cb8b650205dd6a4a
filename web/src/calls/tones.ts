/** Sounds while a call rings. They are synthesized, so that no file has to be loaded first. */
export type Tone = "ring" | "ringback" | "none";

interface Pattern {
  /** Seconds from one start of the pattern to the next. */
  readonly every: number;
  /** Frequency in Hz, start and length in s. */
  readonly notes: readonly (readonly [hertz: number, at: number, length: number])[];
  readonly gain: number;
}

const PATTERNS: Record<Exclude<Tone, "none">, Pattern> = {
  ring: {
    every: 2.4,
    gain: 0.16,
    notes: [
      [659, 0, 0.16],
      [784, 0.18, 0.16],
      [988, 0.36, 0.3],
      [784, 0.72, 0.16],
      [988, 0.9, 0.3],
    ],
  },
  // The ringback tone of European networks: 425 Hz, one second in five.
  ringback: { every: 5, gain: 0.05, notes: [[425, 0, 1]] },
};

/** Plays one tone at a time, until it gets another. It stays silent where the browser forbids sound before the first click. */
export class Tones {
  #context: AudioContext | undefined;
  #playing: Tone = "none";
  #timer: ReturnType<typeof setInterval> | undefined;
  #sounding: OscillatorNode[] = [];

  play(tone: Tone): void {
    if (tone === this.#playing) {
      return;
    }
    this.#silence();
    this.#playing = tone;
    if (tone !== "none") {
      const pattern = PATTERNS[tone];
      this.#strike(pattern);
      this.#timer = setInterval(() => this.#strike(pattern), pattern.every * 1_000);
    }
  }

  #strike({ notes, gain }: Pattern): void {
    this.#context ??= new AudioContext();
    void this.#context.resume();
    const context = this.#context;
    this.#sounding = notes.map(([hertz, at, length]) => note(context, hertz, context.currentTime + at, length, gain));
  }

  #silence(): void {
    clearInterval(this.#timer);
    for (const oscillator of this.#sounding) {
      oscillator.stop();
    }
    this.#sounding = [];
  }
}

/** Plays one note, which swells and fades so that it does not click. */
function note(context: AudioContext, hertz: number, at: number, length: number, loudness: number): OscillatorNode {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = hertz;
  oscillator.type = "triangle";
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loudness, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + length + 0.05);
  return oscillator;
}
