/** The figures of one node (`/metrics`), added up over their labels, and when they were read, ms. */
export interface Figures {
  readonly at: number;
  readonly sums: ReadonlyMap<string, number>;
  /** Requests that were refused, of `wigwag_commands_total`. */
  readonly refused: number;
}

/** How things stand now. */
export interface Standing {
  /** Connections that are signed in. */
  readonly sessions: number;
  /** Those that are not yet. */
  readonly newcomers: number;
  readonly deadlines: number;
  readonly backlogBytes: number;
  readonly storeErrors: number;
  /** Absent where a node is alone. */
  readonly nodes?: number;
  readonly bus?: boolean;
}

/** What happens, per second; commits in ms. Absent where nothing was committed. */
export interface Pace {
  readonly requests: number;
  readonly refusals: number;
  readonly events: number;
  readonly commitMs?: number;
}

/** Reads the text form of Prometheus. What is no sample is passed over. */
export function figuresIn(text: string, at: number): Figures {
  const sums = new Map<string, number>();
  let refused = 0;
  for (const line of text.split("\n")) {
    const [, name, labels = "", value = ""] = /^(\w+)(\{.*\})? (\S+)/.exec(line) ?? [];
    const number = Number(value);
    if (name === undefined || !Number.isFinite(number)) {
      continue;
    }
    sums.set(name, (sums.get(name) ?? 0) + number);
    if (name === "wigwag_commands_total" && !labels.includes('outcome="ok"')) {
      refused += number;
    }
  }
  return { at, sums, refused };
}

export function standingOf({ sums }: Figures): Standing {
  const of = (name: string) => sums.get(`wigwag_${name}`) ?? 0;
  const nodes = of("live_nodes");
  return {
    sessions: of("connections") - of("unsigned_connections"),
    newcomers: of("unsigned_connections"),
    deadlines: of("pending_deadlines"),
    backlogBytes: of("backlog_bytes"),
    storeErrors: of("store_errors_total"),
    ...(nodes > 0 ? { nodes, bus: of("bus_connected") === 1 } : {}),
  };
}

/** What happened between two readings. None when the node was started anew between them, which counts from zero. */
export function paceOf(before: Figures, now: Figures): Pace | undefined {
  const seconds = (now.at - before.at) / 1_000;
  const grown = (name: string) => (now.sums.get(`wigwag_${name}`) ?? 0) - (before.sums.get(`wigwag_${name}`) ?? 0);
  const requests = grown("commands_total");
  if (seconds <= 0 || requests < 0) {
    return undefined;
  }
  const commits = grown("commit_latency_seconds_count");
  return {
    requests: requests / seconds,
    refusals: (now.refused - before.refused) / seconds,
    events: grown("events_delivered_total") / seconds,
    ...(commits > 0 ? { commitMs: (grown("commit_latency_seconds_sum") / commits) * 1_000 } : {}),
  };
}
