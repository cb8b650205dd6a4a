import type { CallView } from "@wigwag/sdk";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Fact, Facts, Finder, Link, Panel, Read, State, Table, Time } from "./pieces.js";
import { type Answer, useAnswer } from "./useAnswer.js";
import { lasting, plain } from "./words.js";

/** The way to one call. */
export function CallsPage() {
  return (
    <>
      <h1>Calls</h1>
      <Finder section="calls" label="Find a call by its callID" />
      <p class="hint">The calls of a user are on the user's page.</p>
    </>
  );
}

interface Props {
  api: Api;
  callID: string;
}

/** One call: who is in it, and the way out. */
export function CallPage({ api, callID }: Props) {
  const call = useAnswer(`call ${callID}`, () => api.ask<CallView>("getCall", { callID }));
  const runs = call.value !== undefined && call.value.endedAt === undefined;
  return (
    <>
      <h1>
        Call <code>{callID}</code>
      </h1>
      <Panel title="State" tools={runs && <EndIt {...{ api, callID }} onDone={call.again} />}>
        <Read answer={call}>{(found) => <About call={found} />}</Read>
      </Panel>
      {call.value !== undefined && (
        <Panel title="People">
          <People {...{ api, callID, call, runs }} found={call.value} />
        </Panel>
      )}
    </>
  );
}

function About({ call }: { call: CallView }) {
  const { caller, mediaType, roomID, groupID, createdAt, answeredAt, endedAt, endReason, durationMs, callID } = call;
  return (
    <Facts>
      <Fact name="Status">
        <Standing call={call} />
        {endReason !== undefined && ` ${plain(endReason)}`}
      </Fact>
      <Fact name="Caller">
        <Link section="users" id={caller} />
      </Fact>
      <Fact name="Kind">{mediaType}</Fact>
      <Fact name="Room">
        <code>{roomID}</code>
      </Fact>
      {groupID !== undefined && (
        <Fact name="Group">
          <Link section="groups" id={groupID} />
        </Fact>
      )}
      <Fact name="Began">
        <Time at={createdAt} />
      </Fact>
      <Fact name="Answered">
        <Time at={answeredAt} />
      </Fact>
      <Fact name="Ended">
        <Time at={endedAt} />
      </Fact>
      <Fact name="Lasted">{lasting(durationMs)}</Fact>
      <Fact name="Story">
        <Link section="invitations" id={callID} />
      </Fact>
    </Facts>
  );
}

function Standing({ call: { endedAt, answeredAt } }: { call: CallView }) {
  if (endedAt !== undefined) {
    return <State word="over" />;
  }
  return answeredAt === undefined ? <State word="rings" tone="waiting" /> : <State word="runs" tone="good" />;
}

function EndIt({ api, callID, onDone }: Props & { onDone: () => void }) {
  return (
    <Action
      label="End the call"
      question="End this call for everybody?"
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("endCall", { callID });
        return "Everybody has hung up.";
      }}
    >
      <p>Everybody who is in it hangs up, and what still rings stops.</p>
    </Action>
  );
}

function People({ api, callID, call, found, runs }: Props & { call: Answer<CallView>; found: CallView; runs: boolean }) {
  return (
    <Table label="People" heads={["User", "State", "Since", "Device", "Why gone", "Take out"]}>
      {found.people.map(({ userID, state, at, device, reason }) => (
        <tr key={userID}>
          <td>
            <Link section="users" id={userID} />
          </td>
          <td>
            <State word={plain(state)} tone={state === "joined" ? "good" : state === "ringing" ? "waiting" : "calm"} />
          </td>
          <td>
            <Time at={at} />
          </td>
          <td class="id">{device?.deviceID ?? "–"}</td>
          <td>{reason === undefined ? "–" : plain(reason)}</td>
          <td>
            {runs && state === "joined" ? (
              <Action
                label="Take out"
                question={`Take ${userID} out of the call?`}
                danger
                onDone={call.again}
                run={async () => {
                  await api.ask("removeParticipant", { callID, userID });
                  return `${userID} is out of the call.`;
                }}
              >
                <p>As if they had hung up. The call ends when fewer than two are left in it.</p>
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
  if (calls.length === 0) {
    return <p class="hint">There is no call.</p>;
  }
  return (
    <Table label="Calls" heads={["Call", "Status", "Caller", "People", "Began", "Lasted"]}>
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
          <td>{lasting(call.durationMs)}</td>
        </tr>
      ))}
    </Table>
  );
}
