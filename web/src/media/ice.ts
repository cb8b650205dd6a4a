import type { MediaAccess } from "@wigwag/sdk";

/** The ICE servers that the server named; undefined when it named none. */
export function iceServersIn(access: MediaAccess | undefined): RTCIceServer[] | undefined {
  const { iceServers } = (access ?? {}) as { iceServers?: RTCIceServer[] };
  return iceServers?.length ? iceServers : undefined;
}
