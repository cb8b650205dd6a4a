import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { choose, chosen } from "../media/chosen.js";
import { type Kind, namedDevices, type Troubles } from "../media/devices.js";
import { DeviceTroubles } from "../media/deviceTroubles.js";
import { Level } from "../media/level.js";
import { useStore } from "../session/store.js";
import type { CallMedia } from "./media.js";
import { Preview } from "./preview.js";
import { Picture } from "./video.js";

/** Choice of the camera and the microphone before a call, with what they see and hear. */
export function DeviceCheck({ onClose }: { onClose: () => void }) {
  const [preview] = useState(() => new Preview());
  const { stream, troubles } = useStore(preview.view);
  useEffect(() => {
    void preview.open();
    return () => preview.close();
  }, [preview]);
  return <DeviceDialog stream={stream} troubles={troubles} onChange={() => preview.open()} onClose={onClose} />;
}

/** The same choice during a call, which goes on with what is chosen. */
export function CallDevices({ media, onClose }: { media: CallMedia; onClose: () => void }) {
  const { local, troubles } = useStore(media.view);
  const change = (kind?: Kind) => (kind === undefined ? media.retry() : media.change(kind));
  return <DeviceDialog stream={local} troubles={troubles} onChange={change} onClose={onClose} />;
}

interface Props {
  stream: MediaStream | undefined;
  troubles: Troubles;
  /** Opens the device that was chosen; without `kind` all that are missing. */
  onChange: (kind?: Kind) => Promise<void>;
  onClose: () => void;
}

function DeviceDialog({ stream, troubles, onChange, onClose }: Props) {
  const say = useSay();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const sees = stream?.getVideoTracks().length;
  return (
    // Escape closes a dialog by itself, and is not for what lies below it.
    <dialog
      ref={dialog}
      class="devices"
      aria-labelledby="devices-title"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="devices-title">{say("devices.title")}</h2>
      <div class="devices-picture">
        {stream !== undefined && sees ? (
          <Picture stream={stream} class="devices-mine" label={say("call.self")} mirrored muted />
        ) : (
          <Icon name="cameraOff" />
        )}
      </div>
      {stream !== undefined && stream.getAudioTracks().length > 0 && <Level key={stream.id} stream={stream} />}
      <DeviceTroubles troubles={troubles} onRetry={() => void onChange()} />
      <DeviceSelect kind="camera" stream={stream} onChange={onChange} />
      <DeviceSelect kind="microphone" stream={stream} onChange={onChange} />
      <button type="button" class="button primary wide" onClick={() => dialog.current?.close()}>
        {say("devices.done")}
      </button>
    </dialog>
  );
}

function DeviceSelect({ kind, stream, onChange }: Pick<Props, "stream" | "onChange"> & { kind: Kind }) {
  const say = useSay();
  const id = useId();
  const present = useNamedDevices(kind, stream);
  const wish = useStore(chosen)[kind];
  const tracks = kind === "camera" ? stream?.getVideoTracks() : stream?.getAudioTracks();
  const current = tracks?.[0]?.getSettings().deviceId ?? wish;
  if (present.length === 0) {
    return null;
  }
  const select = (event: Event & { currentTarget: HTMLSelectElement }) => {
    choose({ [kind]: event.currentTarget.value });
    void onChange(kind);
  };
  return (
    <div class="devices-choice">
      <label for={id}>{say(`devices.${kind}`)}</label>
      <select id={id} value={current} onChange={select}>
        {present.map(({ deviceId, label }) => (
          <option key={deviceId} value={deviceId} selected={deviceId === current}>
            {label || say(`devices.${kind}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The devices there are, also when one is plugged in. They get their names with the first stream. */
function useNamedDevices(kind: Kind, stream: MediaStream | undefined): readonly MediaDeviceInfo[] {
  const [present, setPresent] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const { mediaDevices } = navigator as Partial<Navigator>;
    let current = true;
    const look = () => void namedDevices(mediaDevices, kind).then((found) => current && setPresent(found));
    look();
    mediaDevices?.addEventListener("devicechange", look);
    return () => {
      current = false;
      mediaDevices?.removeEventListener("devicechange", look);
    };
  }, [kind, stream]);
  return present;
}
