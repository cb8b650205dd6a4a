import { Store } from "../session/store.js";

/**
 * Pictures with sound that the browser holds back until the user presses something in the page: it does so in a page that was opened or
 * loaded without a press, unless the page has the microphone.
 */
export const held = new Store<ReadonlySet<HTMLVideoElement>>(new Set());

/** Plays a picture, now or at the user's next press. Returns the function that ends it. */
export function plays(video: HTMLVideoElement): () => void {
  const play = () => video.play().then(() => put(video, false), refused);
  // A picture that has got another stream is played by another call.
  const refused = (thrown: unknown) => put(video, thrown instanceof DOMException && thrown.name === "NotAllowedError");
  const pressed = () => held.get().has(video) && void play();
  const events = ["click", "keydown"] as const;
  for (const event of events) {
    document.addEventListener(event, pressed);
  }
  void play();
  return () => {
    for (const event of events) {
      document.removeEventListener(event, pressed);
    }
    put(video, false);
  };
}

function put(video: HTMLVideoElement, isHeld: boolean): void {
  const before = held.get();
  if (before.has(video) !== isHeld) {
    held.set(new Set(isHeld ? [...before, video] : [...before].filter((other) => other !== video)));
  }
}
