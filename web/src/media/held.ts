import { Store } from "../session/store.js";

/**
 * Pictures with sound, and voices, that the browser holds back until the user presses something in the page: it does so in a page that was opened or
 * loaded without a press, unless the page has the microphone.
 */
export const held = new Store<ReadonlySet<HTMLMediaElement>>(new Set());

/** Plays a picture or a voice, now or at the user's next press. Returns the function that ends it. */
export function plays(played: HTMLMediaElement): () => void {
  const play = () => played.play().then(() => put(played, false), refused);
  // One that has got another stream is played by another call.
  const refused = (thrown: unknown) => put(played, thrown instanceof DOMException && thrown.name === "NotAllowedError");
  const pressed = () => held.get().has(played) && void play();
  const events = ["click", "keydown"] as const;
  for (const event of events) {
    document.addEventListener(event, pressed);
  }
  void play();
  return () => {
    for (const event of events) {
      document.removeEventListener(event, pressed);
    }
    put(played, false);
  };
}

function put(played: HTMLMediaElement, isHeld: boolean): void {
  const before = held.get();
  if (before.has(played) !== isHeld) {
    held.set(new Set(isHeld ? [...before, played] : [...before].filter((other) => other !== played)));
  }
}
