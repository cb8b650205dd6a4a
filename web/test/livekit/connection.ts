import { RTCPeerConnection, useAudioLevelIndication, useOPUS, usePLI, useSdesMid, useSdesRTPStreamId, useVP8 } from "werift";

/** The number under which a client that subscribes is told how loud a packet is: the first that is given out. */
export const LEVELS = 1;

/**
 * A connection for media, with what every browser and this stand-in have: Opus, and VP8 with requests for whole pictures. Over the one on
 * which a client publishes, several qualities of a picture come under names; over the other one, everything is known by its SSRC.
 */
export function connection(forWhat: "publishing" | "subscribing"): RTCPeerConnection {
  const named = { audio: [useSdesMid(), useAudioLevelIndication()], video: [useSdesMid(), useSdesRTPStreamId()] };
  return new RTCPeerConnection({
    codecs: { audio: [useOPUS()], video: [useVP8({ rtcpFeedback: [usePLI()] })] },
    headerExtensions: forWhat === "publishing" ? named : { audio: [useAudioLevelIndication()], video: [] },
    bundlePolicy: "max-bundle",
    // Like LiveKit: it waits for clients, and asks no other server for an address.
    iceLite: true,
    iceUseIpv6: false,
  });
}
