import { WigwagError } from "../errors.js";
import type { CLOSE_CODES } from "../wire/index.js";

/** The close codes that the SDK tells apart. The whole table would be a part of what every app downloads. */
export const CLOSED = {
  replaced: 4500,
  platformLimit: 4501,
  tokenExpired: 4502,
} as const satisfies Partial<typeof CLOSE_CODES>;

/** Whether to reconnect after this WebSocket close code (docs/protocol.md, "Close codes"). */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}

/** A close code after which the client does not come back by itself, as an error. */
export function closedFor(closeCode: number): WigwagError {
  switch (closeCode) {
    case CLOSED.replaced:
      return new WigwagError("kicked", "the same deviceID connected again", { closeCode });
    case CLOSED.platformLimit:
      return new WigwagError("kicked", "too many sessions", { closeCode });
    case CLOSED.tokenExpired:
      return new WigwagError("tokenExpired", "the token has expired; get a new one", { closeCode });
    default:
      return new WigwagError("sessionClosed", `the server closed the session for good (close code ${closeCode})`, { closeCode });
  }
}
