import { WigwagError } from "../errors.js";
import { CLOSE_CODES } from "../wire/index.js";

/** Whether to reconnect after this WebSocket close code (docs/protocol.md, "Close codes"). */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}

/** A close code after which the client does not come back by itself, as an error. */
export function closedFor(closeCode: number): WigwagError {
  switch (closeCode) {
    case CLOSE_CODES.replaced:
      return new WigwagError("kicked", "the same deviceID connected again", { closeCode });
    case CLOSE_CODES.platformLimit:
      return new WigwagError("kicked", "too many sessions", { closeCode });
    case CLOSE_CODES.tokenExpired:
      return new WigwagError("tokenExpired", "the token has expired; get a new one", { closeCode });
    default:
      return new WigwagError("sessionClosed", `the server closed the session for good (close code ${closeCode})`, { closeCode });
  }
}
