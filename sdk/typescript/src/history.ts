import { isObject } from "./check.js";
import type { Message, SignalingText } from "./wire/index.js";

/**
 * What a message of the history says about an invitation; undefined for any other message.
 *
 * Each invite, cancel, accept, reject and timeout leaves such a message (docs/protocol.md, "Signaling in history").
 */
export function signalingOf(message: Message): SignalingText | undefined {
  const data: unknown = message?.content?.data;
  if (message?.type !== "custom" || typeof data !== "string") {
    return undefined;
  }
  let text: unknown;
  try {
    text = JSON.parse(data);
  } catch {
    return undefined;
  }
  return isSignaling(text) ? text : undefined;
}

function isSignaling(text: unknown): text is SignalingText {
  return isObject(text) && text.businessID === 1 && [1, 2, 3, 4, 5].includes(text.actionType as number);
}
