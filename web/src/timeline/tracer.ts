import type { Wigwag } from "@wigwag/sdk";
import { Store } from "../session/store.js";
import { moved, NO_TRACE, seen, type Trace } from "./trace.js";

/** Records the frames of a client and the changes of its connection. */
export class Tracer {
  readonly trace = new Store<Trace>(NO_TRACE);

  constructor(client: Wigwag) {
    client.on("frame", (frame) => this.trace.update((trace) => seen(trace, frame, Date.now())));
    client.on("state", (state) => {
      const why = state.status === "reconnecting" ? state.why : state.status === "closed" ? state.why.reason : undefined;
      this.trace.update((trace) => moved(trace, state.status, why, Date.now()));
    });
  }

  clear(): void {
    this.trace.update(({ waiting }) => ({ arrows: [], waiting }));
  }
}
