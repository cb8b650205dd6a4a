import { useRef } from "preact/hooks";
import type { Api } from "./api.js";
import { type Figures, figuresIn, paceOf, standingOf } from "./figures.js";
import { Fact, Facts, Finder, Panel, Read, State } from "./pieces.js";
import { useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { EndpointTable, useEndpoints } from "./webhooks.js";

/** How the server is, at a glance. */
export function OverviewPage({ api }: { api: Api }) {
  const card = useAnswer("card", readCard);
  const endpoints = useEndpoints(api);
  const say = useSay();
  return (
    <>
      <h1>{say("nav.overview")}</h1>
      <Finder section="users" label={say("users.find")} />
      <Panel title={say("overview.server")}>
        <Read answer={card}>
          {({ version, sdkAppID, ready }) => (
            <Facts>
              <Fact name={say("overview.store")}>
                {ready === undefined ? (
                  say("overview.notTold")
                ) : (
                  <State word={say(ready ? "overview.ready" : "overview.notReady")} tone={ready ? "good" : "bad"} />
                )}
              </Fact>
              <Fact name={say("overview.version")}>{version}</Fact>
              <Fact name="sdkAppID">{sdkAppID}</Fact>
            </Facts>
          )}
        </Read>
      </Panel>
      <Node />
      <Panel title={say("nav.webhooks")}>
        <Read answer={endpoints}>
          {({ endpoints: views }) =>
            views.length === 0 ? <p class="hint">{say("webhooks.none")}</p> : <EndpointTable endpoints={views} />
          }
        </Read>
      </Panel>
    </>
  );
}

/** The figures of the node that answers, where it tells them beside the API and without a token. */
function Node() {
  const say = useSay();
  const before = useRef<Figures | undefined>(undefined);
  const last = useRef<Figures | undefined>(undefined);
  const figures = useAnswer("figures", async () => {
    const read = await readFigures();
    before.current = last.current;
    last.current = read;
    return read ?? null;
  });
  const now = figures.value;
  if (now === undefined || now === null) {
    return (
      <Panel title={say("overview.node")}>
        <p class="hint">{say(now === undefined ? "reading" : "overview.noFigures")}</p>
      </Panel>
    );
  }
  const { sessions, newcomers, deadlines, backlogBytes, storeErrors, nodes, bus } = standingOf(now);
  const pace = before.current && paceOf(before.current, now);
  return (
    <Panel title={say("overview.node")}>
      <Facts>
        <Fact name={say("overview.sessions")}>{sessions}</Fact>
        <Fact name={say("overview.newcomers")}>{newcomers}</Fact>
        <Fact name={say("overview.deadlines")}>{deadlines}</Fact>
        <Fact name={say("overview.requests")}>
          {pace === undefined ? "–" : say("overview.refused", { requests: rate(pace.requests), refusals: rate(pace.refusals) })}
        </Fact>
        <Fact name={say("overview.events")}>{pace === undefined ? "–" : rate(pace.events)}</Fact>
        <Fact name={say("overview.commit")}>
          {pace?.commitMs === undefined ? "–" : say("overview.commitMs", { time: rate(pace.commitMs) })}
        </Fact>
        <Fact name={say("overview.backlog")}>{`${Math.ceil(backlogBytes / 1024)} KiB`}</Fact>
        <Fact name={say("overview.failures")}>
          {storeErrors === 0 ? <State word={say("none")} tone="good" /> : <State word={String(storeErrors)} tone="bad" />}
        </Fact>
        {nodes !== undefined && <Fact name={say("overview.nodes")}>{nodes}</Fact>}
        {bus !== undefined && (
          <Fact name={say("overview.bus")}>
            <State word={say(bus ? "overview.connected" : "overview.away")} tone={bus ? "good" : "bad"} />
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}

function rate(number: number): string {
  return number.toLocaleString("en", { maximumFractionDigits: 1 });
}

async function readFigures(): Promise<Figures | undefined> {
  const answer = await fetch("../metrics", { cache: "no-store" });
  return answer.ok ? figuresIn(await answer.text(), performance.now()) : undefined;
}

interface Card {
  readonly version: string;
  readonly sdkAppID: number | string;
  /** Undefined where the API has an address of its own, at which nothing else is told. */
  readonly ready: boolean | undefined;
}

async function readCard(): Promise<Card> {
  const [app, ready] = await Promise.all([fetch("../v1/app"), fetch("../readyz")]);
  const { version, sdkAppID } = app.ok ? ((await app.json()) as Card) : { version: "–", sdkAppID: "–" };
  return { version, sdkAppID, ready: ready.status === 404 ? undefined : ready.ok };
}
