import type { InvitationView, Invitee } from "@wigwag/sdk";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Fact, Facts, Finder, Link, Panel, Read, State, Table, Time } from "./pieces.js";
import type { Story } from "./shapes.js";
import { StoryPanels } from "./story.js";
import { useAnswer } from "./useAnswer.js";
import { plain } from "./words.js";

/** The way to one invitation. */
export function InvitationsPage() {
  return (
    <>
      <h1>Invitations</h1>
      <Finder section="invitations" label="Find an invitation by its inviteID" />
      <p class="hint">The open invitations of a user are on the user's page.</p>
    </>
  );
}

interface Props {
  api: Api;
  inviteID: string;
}

/** One invitation: how it stands, what can be done, and its story. */
export function InvitationPage({ api, inviteID }: Props) {
  const story = useAnswer(`story ${inviteID}`, () => api.ask<Story>("explainInvitation", { inviteID }));
  const isOpen = story.value?.invitation.status === "open";
  return (
    <>
      <h1>
        Invitation <code>{inviteID}</code>
      </h1>
      <Panel title="State" tools={isOpen && <CancelIt {...{ api, inviteID }} onDone={story.again} />}>
        <Read answer={story}>{({ invitation }) => <Terms invitation={invitation} />}</Read>
      </Panel>
      {story.value !== undefined && (
        <>
          <Panel title="Invitees">
            <Invitees {...{ api, inviteID }} invitees={story.value.invitation.invitees} onDone={story.again} />
          </Panel>
          <StoryPanels story={story.value} />
        </>
      )}
    </>
  );
}

function Terms({ invitation }: { invitation: InvitationView }) {
  const { inviter, inviterDevice, groupID, status, endReason, createdAt, deadline, call, data, onlineUserOnly } = invitation;
  return (
    <Facts>
      <Fact name="Status">
        {status === "open" ? (
          <State word="open" tone="waiting" />
        ) : (
          <State word={`ended: ${plain(endReason ?? "")}`} tone={endReason === "completed" ? "good" : "calm"} />
        )}
      </Fact>
      <Fact name="Inviter">
        <Link section="users" id={inviter} />
        {inviterDevice === undefined ? " (a back end)" : ` from ${inviterDevice.deviceID}`}
      </Fact>
      {groupID !== undefined && (
        <Fact name="Group">
          <Link section="groups" id={groupID} />
        </Fact>
      )}
      <Fact name="Made">
        <Time at={createdAt} />
      </Fact>
      <Fact name="Deadline">{deadline === undefined ? "none" : <Time at={deadline} />}</Fact>
      {call !== undefined && (
        <Fact name={`Call (${call.mediaType})`}>
          <Link section="calls" id={call.callID} />
        </Fact>
      )}
      {onlineUserOnly === true && <Fact name="Kind">for those who are online only: its events are kept for a minute</Fact>}
      {data !== "" && (
        <Fact name="data">
          <code class="data">{data}</code>
        </Fact>
      )}
    </Facts>
  );
}

function CancelIt({ api, inviteID, onDone }: Props & { onDone: () => void }) {
  return (
    <Action
      label="Take back"
      question="Take this invitation back?"
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("cancel", { inviteID }, {});
        return "It is taken back from everybody who was pending.";
      }}
    >
      <p>It stops ringing at everybody who has not answered. Answers that were given stay.</p>
    </Action>
  );
}

interface InviteeProps extends Props {
  invitees: readonly Invitee[];
  onDone: () => void;
}

function Invitees({ api, inviteID, invitees, onDone }: InviteeProps) {
  return (
    <Table label="Invitees" heads={["User", "State", "Since", "Device", "Settle"]}>
      {invitees.map(({ userID, state, at, device, busy }) => (
        <tr key={userID}>
          <td>
            <Link section="users" id={userID} />
          </td>
          <td>
            <State word={busy === true ? "busy" : plain(state)} tone={TONES[state]} />
          </td>
          <td>
            <Time at={at} />
          </td>
          <td class="id">{device?.deviceID ?? "–"}</td>
          <td>{state === "pending" ? <Settle {...{ api, inviteID, userID, onDone }} /> : "–"}</td>
        </tr>
      ))}
    </Table>
  );
}

const TONES = {
  pending: "waiting",
  accepted: "good",
  rejected: "bad",
  timedOut: "calm",
  cancelled: "calm",
  removed: "calm",
} as const;

function Settle({ api, inviteID, userID, onDone }: Props & { userID: string; onDone: () => void }) {
  const settle = (name: "accept" | "reject", said: string) => async () => {
    await api.ask(name, { userID, inviteID }, {});
    return said;
  };
  return (
    <span class="tools">
      <Action
        label="Accept"
        question={`Accept for ${userID}?`}
        onDone={onDone}
        run={settle("accept", `It is accepted for ${userID}.`)}
      >
        <p>Everybody hears it as if {userID} had answered. It cannot be taken back.</p>
      </Action>
      <Action
        label="Reject"
        question={`Reject for ${userID}?`}
        danger
        onDone={onDone}
        run={settle("reject", `It is rejected for ${userID}.`)}
      >
        <p>Everybody hears it as if {userID} had answered. It cannot be taken back.</p>
      </Action>
    </span>
  );
}

export function InvitationTable({ invitations }: { invitations: readonly InvitationView[] }) {
  if (invitations.length === 0) {
    return <p class="hint">No invitation is open.</p>;
  }
  return (
    <Table label="Open invitations" heads={["Invitation", "Inviter", "Invitees", "Made", "Deadline"]}>
      {invitations.map(({ inviteID, inviter, invitees, createdAt, deadline }) => (
        <tr key={inviteID}>
          <td>
            <Link section="invitations" id={inviteID} />
          </td>
          <td>{inviter}</td>
          <td>{invitees.map(({ userID }) => userID).join(", ")}</td>
          <td>
            <Time at={createdAt} />
          </td>
          <td>
            <Time at={deadline} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
