import { useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Panel, Read, State, Table, Time } from "./pieces.js";
import type { Endpoint, Endpoints, TestOutcome } from "./shapes.js";
import { type Answer, useAnswer } from "./useAnswer.js";
import { counted, lasting } from "./words.js";

const HOUR_MS = 3_600_000;
/** How far back events can be told again, hours. */
const BACK = { "1 hour": 1, "12 hours": 12, "1 day": 24, "7 days": 168 };

export function useEndpoints(api: Api): Answer<Endpoints> {
  return useAnswer("endpoints", () => api.ask<Endpoints>("listEndpoints"));
}

/** Everybody who is told by webhooks. */
export function WebhooksPage({ api }: { api: Api }) {
  const answer = useEndpoints(api);
  return (
    <>
      <h1>Webhooks</h1>
      <Panel title="Endpoints">
        <Read answer={answer}>
          {({ endpoints }) =>
            endpoints.length === 0 ? (
              <p class="hint">The configuration names no endpoint.</p>
            ) : (
              <EndpointTable endpoints={endpoints} tools={(endpoint) => <Tools {...{ api, endpoint }} onDone={answer.again} />} />
            )
          }
        </Read>
      </Panel>
    </>
  );
}

interface TableProps {
  endpoints: readonly Endpoint[];
  tools?: (endpoint: Endpoint) => preact.ComponentChildren;
}

export function EndpointTable({ endpoints, tools }: TableProps) {
  const heads = ["Endpoint", "State", "Waiting", "Refused", "Oldest that waits", "Events"];
  return (
    <Table label="Endpoints" heads={tools === undefined ? heads : [...heads, "Do"]}>
      {endpoints.map((view) => (
        <tr key={view.endpoint}>
          <td>{view.endpoint}</td>
          <td>
            <Standing endpoint={view} />
          </td>
          <td>{view.waiting}</td>
          <td>{view.setAside}</td>
          <td>
            <Time at={view.oldest} />
          </td>
          <td>{view.events.length === 0 ? "all" : view.events.join(", ")}</td>
          {tools !== undefined && (
            <td>
              <span class="tools">{tools(view)}</span>
            </td>
          )}
        </tr>
      ))}
    </Table>
  );
}

/** How old the oldest event may be before an endpoint counts as behind, ms: one that is down is tried every second at first. */
const BEHIND_MS = 10_000;

function Standing({ endpoint: { pausedSince, oldest, setAside } }: { endpoint: Endpoint }) {
  if (pausedSince !== undefined) {
    return <State word="paused" tone="waiting" />;
  }
  const age = oldest === undefined ? 0 : Date.now() - oldest;
  if (setAside > 0 || age > BEHIND_MS) {
    return <State word={setAside > 0 ? "refuses" : `behind by ${lasting(age)}`} tone="bad" />;
  }
  return <State word="told" tone="good" />;
}

function Tools({ api, endpoint: { endpoint, pausedSince }, onDone }: { api: Api; endpoint: Endpoint; onDone: () => void }) {
  const ask = (name: "pauseEndpoint" | "resumeEndpoint", said: string) => async () => {
    await api.ask(name, { endpoint });
    return said;
  };
  return (
    <>
      <Action
        label="Try"
        question={`Send a test to ${endpoint}?`}
        run={async () => (await api.ask<TestOutcome>("testEndpoint", { endpoint })).detail}
      >
        <p>One event of the type webhook.test, signed like all others. It is sent once.</p>
      </Action>
      {pausedSince === undefined ? (
        <Action
          label="Pause"
          question={`Pause ${endpoint}?`}
          danger
          onDone={onDone}
          run={ask("pauseEndpoint", "Nothing is sent to it any more. Events wait.")}
        >
          <p>Within a second nothing is sent to it any more. What is older than three days when it is resumed is not sent.</p>
        </Action>
      ) : (
        <Action
          label="Resume"
          question={`Resume ${endpoint}?`}
          onDone={onDone}
          run={ask("resumeEndpoint", "It is sent what waited.")}
        >
          <p>It is sent what waited, within a second.</p>
        </Action>
      )}
      <Replay {...{ api, endpoint, onDone }} />
    </>
  );
}

function Replay({ api, endpoint, onDone }: { api: Api; endpoint: string; onDone: () => void }) {
  const [hours, setHours] = useState(1);
  return (
    <Action
      label="Tell again"
      question={`Tell ${endpoint} again?`}
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("replayEndpoint", { endpoint }, { since: Date.now() - hours * HOUR_MS });
        return `It is told everything of the last ${counted(hours, "hour")} again.`;
      }}
    >
      <p>In order, and under the same IDs: a receiver that keeps them leaves out what it knows.</p>
      <label>
        Everything of the last{" "}
        <select value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
          {Object.entries(BACK).map(([words, number]) => (
            <option key={words} value={number}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </Action>
  );
}
