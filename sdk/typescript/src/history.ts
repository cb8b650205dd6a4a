import { readSignalingText } from "./signalingText.js";
import type { Message, SignalingText } from "./wire/index.js";

/**
 * What a message of the history says about an invitation; undefined for any other message.
 *
 * Each invite, cancel, accept, reject and timeout leaves such a message (docs/protocol.md, "Signaling in history").
 */
export function signalingOf(message: Message): SignalingText | undefined {
  const data: unknown = message?.content?.data;
  return message?.type === "custom" && typeof data === "string" ? readSignalingText(data) : undefined;
}
