import type { CallView } from "@wigwag/sdk";
import { useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Fact, Facts, Finder, Link, Pages, Panel, Read, State, Table, Time } from "./pieces.js";
import type { CallPage as Calls } from "./shapes.js";
import { type Answer, useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { lasting, plain } from "./words.js";

/** Running calls of a page. */
const ROWS = 50;

/** The calls that are running, page by page, and a way to one call. */
export function CallsPage({ api }: { api: Api }) {
  const say = useSay();
  const [after, setAfter] = useState<string>();
  const answer = useAnswer(`calls ${after}`, () => api.ask<Calls>("listRunningCalls", { after, limit: ROWS }));
  return (
    <>
      <h1>{say("nav.calls")}</h1>
      <Finder section="calls" label={say("calls.find")} />
      <Panel title={say("calls.running")}>
        <Read answer={answer}>
          {({ calls, next }) => (
            <>
              <CallTable calls={calls} />
              <Pages next={next} isFirst={after === undefined} onTurn={setAfter} />
            </>
          )}
        </Read>
      </Panel>
      <p class="hint">{say("calls.hint")}</p>
    </>
  );
}

interface Props {
  api: Api;
  callID: string;
}

/** One call: who is in it, and the way out. */
export function CallPage({ api, callID }: Props) {
  const say = useSay();
  const call = useAnswer(`call ${callID}`, () => api.ask<CallView>("getCall", { callID }));
  const runs = call.value !== undefined && call.value.endedAt === undefined;
  return (
    <>
      <h1>
        {say("call")} <code>{callID}</code>
      </h1>
      <Panel title={say("state")} tools={runs && <EndIt {...{ api, callID }} onDone={call.again} />}>
        <Read answer={call}>{(found) => <About call={found} />}</Read>
      </Panel>
      {call.value !== undefined && (
        <Panel title={say("people")}>
          <People {...{ api, callID, call, runs }} found={call.value} />
        </Panel>
      )}
    </>
  );
}

function About({ call }: { call: CallView }) {
  const say = useSay();
  const { caller, mediaType, roomID, groupID, createdAt, answeredAt, endedAt, endReason, durationMs, callID } = call;
  return (
    <Facts>
      <Fact name={say("status")}>
        <Standing call={call} />
        {endReason !== undefined && ` ${plain(say, endReason)}`}
      </Fact>
      <Fact name={say("call.caller")}>
        <Link section="users" id={caller} />
      </Fact>
      <Fact name={say("kind")}>{plain(say, mediaType)}</Fact>
      <Fact name={say("call.room")}>
        <code>{roomID}</code>
      </Fact>
      {groupID !== undefined && (
        <Fact name={say("group")}>
          <Link section="groups" id={groupID} />
        </Fact>
      )}
      <Fact name={say("call.began")}>
        <Time at={createdAt} />
      </Fact>
      <Fact name={say("call.answered")}>
        <Time at={answeredAt} />
      </Fact>
      <Fact name={say("call.ended")}>
        <Time at={endedAt} />
      </Fact>
      <Fact name={say("call.lasted")}>{lasting(say, durationMs)}</Fact>
      <Fact name={say("story")}>
        <Link section="invitations" id={callID} />
      </Fact>
    </Facts>
  );
}

function Standing({ call: { endedAt, answeredAt } }: { call: CallView }) {
  const say = useSay();
  if (endedAt !== undefined) {
    return <State word={say("call.over")} />;
  }
  return answeredAt === undefined ? (
    <State word={say("call.rings")} tone="waiting" />
  ) : (
    <State word={say("call.runs")} tone="good" />
  );
}

function EndIt({ api, callID, onDone }: Props & { onDone: () => void }) {
  const say = useSay();
  return (
    <Action
      label={say("call.end")}
      question={say("call.endSure")}
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("endCall", { callID });
        return say("call.endDone");
      }}
    >
      <p>{say("call.endMore")}</p>
    </Action>
  );
}

function People({ api, callID, call, found, runs }: Props & { call: Answer<CallView>; found: CallView; runs: boolean }) {
  const say = useSay();
  const heads = [say("user"), say("state"), say("since"), say("device"), say("call.whyGone"), say("call.takeOut")];
  return (
    <Table label={say("people")} heads={heads}>
      {found.people.map(({ userID, state, at, device, reason }) => (
        <tr key={userID}>
          <td>
            <Link section="users" id={userID} />
          </td>
          <td>
            <State word={plain(say, state)} tone={state === "joined" ? "good" : state === "ringing" ? "waiting" : "calm"} />
          </td>
          <td>
            <Time at={at} />
          </td>
          <td class="id">{device?.deviceID ?? "–"}</td>
          <td>{reason === undefined ? "–" : plain(say, reason)}</td>
          <td>
            {runs && state === "joined" ? (
              <Action
                label={say("call.takeOut")}
                question={say("call.takeOutSure", { userID })}
                danger
                onDone={call.again}
                run={async () => {
                  await api.ask("removeParticipant", { callID, userID });
                  return say("call.takeOutDone", { userID });
                }}
              >
                <p>{say("call.takeOutMore")}</p>
              </Action>
            ) : (
              "–"
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function CallTable({ calls }: { calls: readonly CallView[] }) {
  const say = useSay();
  if (calls.length === 0) {
    return <p class="hint">{say("calls.none")}</p>;
  }
  const heads = [say("call"), say("status"), say("call.caller"), say("people"), say("call.began"), say("call.lasted")];
  return (
    <Table label={say("nav.calls")} heads={heads}>
      {calls.map((call) => (
        <tr key={call.callID}>
          <td>
            <Link section="calls" id={call.callID} />
          </td>
          <td>
            <Standing call={call} />
          </td>
          <td>{call.caller}</td>
          <td>{call.people.map(({ userID }) => userID).join(", ")}</td>
          <td>
            <Time at={call.createdAt} />
          </td>
          <td>{lasting(say, call.durationMs)}</td>
        </tr>
      ))}
    </Table>
  );
}
