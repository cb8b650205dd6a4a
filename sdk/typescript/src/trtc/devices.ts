/** A device as the browser lists it. */
export type DeviceList = Promise<MediaDeviceInfo[]>;

/** What the user lets the page use. */
export interface Permissions {
  readonly camera?: string;
  readonly microphone?: string;
}

/** The devices of a kind. Browsers give no names before the user has allowed the use of one; with `request` it is asked for. */
export async function list(kind: MediaDeviceKind, request: boolean): DeviceList {
  const found = await listed(kind);
  if (!request || found.length === 0 || found.some(({ label }) => label !== "")) {
    return found;
  }
  await open(kind === "videoinput" ? { video: true } : { audio: true });
  return listed(kind);
}

/** Asks for the camera and the microphone where `request` says so, and tells how it stands. */
export async function permissions(wish: { camera?: boolean; microphone?: boolean; request?: boolean }): Promise<Permissions> {
  const { camera = true, microphone = true, request = true } = wish;
  if (request) {
    await Promise.all([camera && open({ video: true }), microphone && open({ audio: true })]);
  }
  const state = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state;
  return {
    ...(camera ? { camera: await state("camera") } : {}),
    ...(microphone ? { microphone: await state("microphone") } : {}),
  };
}

async function listed(kind: MediaDeviceKind): DeviceList {
  return ((await navigator.mediaDevices?.enumerateDevices()) ?? []).filter((device) => device.kind === kind);
}

/** Opens devices and closes them again. Whether it went well shows in what is listed then. */
async function open(constraints: MediaStreamConstraints): Promise<void> {
  const stream = await navigator.mediaDevices?.getUserMedia(constraints).catch(() => undefined);
  for (const track of stream?.getTracks() ?? []) {
    track.stop();
  }
}
