import { Store } from "../session/store.js";

export type Kind = "microphone" | "camera";

/** The deviceIDs that the user chose; without one the browser chooses. */
export type Chosen = Partial<Readonly<Record<Kind, string>>>;

const CHOSEN_KEY = "wigwag.devices";
const CALLED_KEY = "wigwag.called";

/** Kept in this browser. */
export const chosen = new Store<Chosen>(kept());

/** Whether there was a call in this browser. */
export const called = new Store(globalThis.localStorage?.getItem(CALLED_KEY) === "true");

export function choose(change: Chosen): void {
  chosen.update((before) => ({ ...before, ...change }));
  localStorage.setItem(CHOSEN_KEY, JSON.stringify(chosen.get()));
}

export function rememberCall(): void {
  called.set(true);
  localStorage.setItem(CALLED_KEY, "true");
}

/** What the browser is asked for. Refused with an OverconstrainedError when the device is gone. */
export function wishFor(kind: Kind): MediaTrackConstraints | true {
  const deviceId = chosen.get()[kind];
  return deviceId === undefined ? true : { deviceId: { exact: deviceId } };
}

function kept(): Chosen {
  try {
    const { microphone, camera } = JSON.parse(globalThis.localStorage?.getItem(CHOSEN_KEY) ?? "") as Chosen;
    return { ...text("microphone", microphone), ...text("camera", camera) };
  } catch {
    return {};
  }
}

function text(kind: Kind, deviceId: unknown): Chosen {
  return typeof deviceId === "string" ? { [kind]: deviceId } : {};
}
