import { type Method, PARAM_KINDS } from "../wire/index.js";
import type { Caller } from "./caller.js";

/**
 * The methods of one area of the protocol: `group.info` is `groups.info`. Each is declared where it is extended; what needs more than to
 * pass its parameters on is written there.
 */
export class Area {
  constructor(area: string, call: Caller) {
    for (const method of Object.keys(PARAM_KINDS) as Method[]) {
      const [of, name = ""] = method.split(".");
      if (of === area && !(name in this)) {
        Object.assign(this, { [name]: (params: unknown = {}) => call(method, params) });
      }
    }
  }
}
