import { useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Panel, Read, State, Table, Time } from "./pieces.js";
import type { Endpoint, Endpoints, TestOutcome } from "./shapes.js";
import type { TextKey } from "./strings/texts.js";
import { type Answer, useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { lasting } from "./words.js";

const HOUR_MS = 3_600_000;
/** How far back events can be told again, hours. */
const BACK = [
  ["span.hour", 1],
  ["span.hours12", 12],
  ["span.day", 24],
  ["span.days7", 168],
] as const satisfies readonly (readonly [TextKey, number])[];

export function useEndpoints(api: Api): Answer<Endpoints> {
  return useAnswer("endpoints", () => api.ask<Endpoints>("listEndpoints"));
}

/** Everybody who is told by webhooks. */
export function WebhooksPage({ api }: { api: Api }) {
  const answer = useEndpoints(api);
  const say = useSay();
  return (
    <>
      <h1>{say("nav.webhooks")}</h1>
      <Panel title={say("webhooks.endpoints")}>
        <Read answer={answer}>
          {({ endpoints }) =>
            endpoints.length === 0 ? (
              <p class="hint">{say("webhooks.none")}</p>
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
  const say = useSay();
  const heads = [
    say("story.endpoint"),
    say("state"),
    say("webhooks.waiting"),
    say("webhooks.refused"),
    say("webhooks.oldest"),
    say("webhooks.events"),
  ];
  return (
    <Table label={say("webhooks.endpoints")} heads={tools === undefined ? heads : [...heads, say("webhooks.do")]}>
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
          <td>{view.events.length === 0 ? say("webhooks.all") : view.events.join(", ")}</td>
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
  const say = useSay();
  if (pausedSince !== undefined) {
    return <State word={say("webhooks.paused")} tone="waiting" />;
  }
  const age = oldest === undefined ? 0 : Date.now() - oldest;
  if (setAside > 0 || age > BEHIND_MS) {
    return (
      <State word={setAside > 0 ? say("webhooks.refuses") : say("webhooks.behind", { time: lasting(say, age) })} tone="bad" />
    );
  }
  return <State word={say("webhooks.told")} tone="good" />;
}

function Tools({ api, endpoint: { endpoint, pausedSince }, onDone }: { api: Api; endpoint: Endpoint; onDone: () => void }) {
  const say = useSay();
  const ask = (name: "pauseEndpoint" | "resumeEndpoint", said: string) => async () => {
    await api.ask(name, { endpoint });
    return said;
  };
  return (
    <>
      <Action
        label={say("webhooks.try")}
        question={say("webhooks.trySure", { endpoint })}
        run={async () => (await api.ask<TestOutcome>("testEndpoint", { endpoint })).detail}
      >
        <p>{say("webhooks.tryMore")}</p>
      </Action>
      {pausedSince === undefined ? (
        <Action
          label={say("webhooks.pause")}
          question={say("webhooks.pauseSure", { endpoint })}
          danger
          onDone={onDone}
          run={ask("pauseEndpoint", say("webhooks.pauseDone"))}
        >
          <p>{say("webhooks.pauseMore")}</p>
        </Action>
      ) : (
        <Action
          label={say("webhooks.resume")}
          question={say("webhooks.resumeSure", { endpoint })}
          onDone={onDone}
          run={ask("resumeEndpoint", say("webhooks.resumeDone"))}
        >
          <p>{say("webhooks.resumeMore")}</p>
        </Action>
      )}
      <Replay {...{ api, endpoint, onDone }} />
    </>
  );
}

function Replay({ api, endpoint, onDone }: { api: Api; endpoint: string; onDone: () => void }) {
  const say = useSay();
  const [[span, hours], setBack] = useState<(typeof BACK)[number]>(BACK[0]);
  return (
    <Action
      label={say("webhooks.replay")}
      question={say("webhooks.replaySure", { endpoint })}
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("replayEndpoint", { endpoint }, { since: Date.now() - hours * HOUR_MS });
        return say("webhooks.replayDone", { span: say(span) });
      }}
    >
      <p>{say("webhooks.replayMore")}</p>
      <label>
        {say("webhooks.replayBack")}{" "}
        <select value={hours} onChange={(event) => setBack(BACK[event.currentTarget.selectedIndex] ?? BACK[0])}>
          {BACK.map(([words, number]) => (
            <option key={words} value={number}>
              {say(words)}
            </option>
          ))}
        </select>
      </label>
    </Action>
  );
}
