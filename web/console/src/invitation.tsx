import type { InvitationView, Invitee } from "@wigwag/sdk";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Fact, Facts, Finder, Link, Panel, Read, State, Table, Time } from "./pieces.js";
import type { Story } from "./shapes.js";
import { StoryPanels } from "./story.js";
import { useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { plain } from "./words.js";

/** The way to one invitation. */
export function InvitationsPage() {
  const say = useSay();
  return (
    <>
      <h1>{say("nav.invitations")}</h1>
      <Finder section="invitations" label={say("invitations.find")} />
      <p class="hint">{say("invitations.hint")}</p>
    </>
  );
}

interface Props {
  api: Api;
  inviteID: string;
}

/** One invitation: how it stands, what can be done, and its story. */
export function InvitationPage({ api, inviteID }: Props) {
  const say = useSay();
  const story = useAnswer(`story ${inviteID}`, () => api.ask<Story>("explainInvitation", { inviteID }));
  const isOpen = story.value?.invitation.status === "open";
  return (
    <>
      <h1>
        {say("invitation")} <code>{inviteID}</code>
      </h1>
      <Panel title={say("state")} tools={isOpen && <CancelIt {...{ api, inviteID }} onDone={story.again} />}>
        <Read answer={story}>{({ invitation }) => <Terms invitation={invitation} />}</Read>
      </Panel>
      {story.value !== undefined && (
        <>
          <Panel title={say("invitation.invitees")}>
            <Invitees {...{ api, inviteID }} invitees={story.value.invitation.invitees} onDone={story.again} />
          </Panel>
          <StoryPanels story={story.value} />
        </>
      )}
    </>
  );
}

function Terms({ invitation }: { invitation: InvitationView }) {
  const say = useSay();
  const { inviter, inviterDevice, groupID, status, endReason, createdAt, deadline, call, data, onlineUserOnly } = invitation;
  return (
    <Facts>
      <Fact name={say("status")}>
        {status === "open" ? (
          <State word={say("invitation.open")} tone="waiting" />
        ) : (
          <State
            word={say("invitation.ended", { why: plain(say, endReason ?? "") })}
            tone={endReason === "completed" ? "good" : "calm"}
          />
        )}
      </Fact>
      <Fact name={say("invitation.inviter")}>
        <Link section="users" id={inviter} />{" "}
        {inviterDevice === undefined ? say("invitation.backEnd") : say("invitation.from", { device: inviterDevice.deviceID })}
      </Fact>
      {groupID !== undefined && (
        <Fact name={say("group")}>
          <Link section="groups" id={groupID} />
        </Fact>
      )}
      <Fact name={say("made")}>
        <Time at={createdAt} />
      </Fact>
      <Fact name={say("deadline")}>{deadline === undefined ? say("none") : <Time at={deadline} />}</Fact>
      {call !== undefined && (
        <Fact name={say("invitation.call", { media: plain(say, call.mediaType) })}>
          <Link section="calls" id={call.callID} />
        </Fact>
      )}
      {onlineUserOnly === true && <Fact name={say("kind")}>{say("invitation.onlineOnly")}</Fact>}
      {data !== "" && (
        <Fact name="data">
          <code class="data">{data}</code>
        </Fact>
      )}
    </Facts>
  );
}

function CancelIt({ api, inviteID, onDone }: Props & { onDone: () => void }) {
  const say = useSay();
  return (
    <Action
      label={say("invitation.takeBack")}
      question={say("invitation.takeBackSure")}
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("cancel", { inviteID }, {});
        return say("invitation.takeBackDone");
      }}
    >
      <p>{say("invitation.takeBackMore")}</p>
    </Action>
  );
}

interface InviteeProps extends Props {
  invitees: readonly Invitee[];
  onDone: () => void;
}

function Invitees({ api, inviteID, invitees, onDone }: InviteeProps) {
  const say = useSay();
  const heads = [say("user"), say("state"), say("since"), say("device"), say("invitation.settle")];
  return (
    <Table label={say("invitation.invitees")} heads={heads}>
      {invitees.map(({ userID, state, at, device, busy }) => (
        <tr key={userID}>
          <td>
            <Link section="users" id={userID} />
          </td>
          <td>
            <State word={plain(say, busy === true ? "busy" : state)} tone={TONES[state]} />
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
  const say = useSay();
  const settle = (name: "accept" | "reject", said: string) => async () => {
    await api.ask(name, { userID, inviteID }, {});
    return said;
  };
  return (
    <span class="tools">
      <Action
        label={say("invitation.accept")}
        question={say("invitation.acceptSure", { userID })}
        onDone={onDone}
        run={settle("accept", say("invitation.acceptDone", { userID }))}
      >
        <p>{say("invitation.settleMore", { userID })}</p>
      </Action>
      <Action
        label={say("invitation.reject")}
        question={say("invitation.rejectSure", { userID })}
        danger
        onDone={onDone}
        run={settle("reject", say("invitation.rejectDone", { userID }))}
      >
        <p>{say("invitation.settleMore", { userID })}</p>
      </Action>
    </span>
  );
}

export function InvitationTable({ invitations }: { invitations: readonly InvitationView[] }) {
  const say = useSay();
  if (invitations.length === 0) {
    return <p class="hint">{say("invitations.none")}</p>;
  }
  const heads = [say("invitation"), say("invitation.inviter"), say("invitation.invitees"), say("made"), say("deadline")];
  return (
    <Table label={say("invitations.open")} heads={heads}>
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
