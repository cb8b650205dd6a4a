import { useRef } from "preact/hooks";
import type { Api } from "./api.js";
import { type Figures, figuresIn, paceOf, standingOf } from "./figures.js";
import { Fact, Facts, Finder, Panel, Read, State } from "./pieces.js";
import { useAnswer } from "./useAnswer.js";
import { EndpointTable, useEndpoints } from "./webhooks.js";

/** How the server is, at a glance. */
export function OverviewPage({ api }: { api: Api }) {
  const card = useAnswer("card", readCard);
  const endpoints = useEndpoints(api);
  return (
    <>
      <h1>Overview</h1>
      <Finder section="users" label="Find a user by their userID" />
      <Panel title="Server">
        <Read answer={card}>
          {({ version, sdkAppID, ready }) => (
            <Facts>
              <Fact name="Store">
                {ready === undefined ? (
                  "not told at this address"
                ) : (
                  <State word={ready ? "takes commits" : "takes no commits"} tone={ready ? "good" : "bad"} />
                )}
              </Fact>
              <Fact name="Version">{version}</Fact>
              <Fact name="sdkAppID">{sdkAppID}</Fact>
            </Facts>
          )}
        </Read>
      </Panel>
      <Node />
      <Panel title="Webhooks">
        <Read answer={endpoints}>
          {({ endpoints: views }) =>
            views.length === 0 ? <p class="hint">The configuration names no endpoint.</p> : <EndpointTable endpoints={views} />
          }
        </Read>
      </Panel>
    </>
  );
}

/** The figures of the node that answers, where it tells them beside the API and without a token. */
function Node() {
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
      <Panel title="This node">
        <p class="hint">{now === undefined ? "Reading …" : "Its figures are told at another address, or not at all."}</p>
      </Panel>
    );
  }
  const { sessions, newcomers, deadlines, backlogBytes, storeErrors, nodes, bus } = standingOf(now);
  const pace = before.current && paceOf(before.current, now);
  return (
    <Panel title="This node">
      <Facts>
        <Fact name="Sessions">{sessions}</Fact>
        <Fact name="Connections before sign-in">{newcomers}</Fact>
        <Fact name="Deadlines yet to come">{deadlines}</Fact>
        <Fact name="Requests a second">
          {pace === undefined ? "–" : `${rate(pace.requests)}, ${rate(pace.refusals)} of them refused`}
        </Fact>
        <Fact name="Events a second">{pace === undefined ? "–" : rate(pace.events)}</Fact>
        <Fact name="A commit takes">{pace?.commitMs === undefined ? "–" : `${rate(pace.commitMs)} ms`}</Fact>
        <Fact name="Waits for devices">{`${Math.ceil(backlogBytes / 1024)} KiB`}</Fact>
        <Fact name="Failures of the store">
          {storeErrors === 0 ? <State word="none" tone="good" /> : <State word={String(storeErrors)} tone="bad" />}
        </Fact>
        {nodes !== undefined && <Fact name="Nodes that live">{nodes}</Fact>}
        {bus !== undefined && (
          <Fact name="Bus">
            <State word={bus ? "connected" : "away"} tone={bus ? "good" : "bad"} />
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
