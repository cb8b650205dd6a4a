import { useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { CallTable } from "./call.js";
import { InvitationTable } from "./invitation.js";
import { Fact, Facts, Link, Panel, Read, State, Table, Time } from "./pieces.js";
import type { CallPage, Devices, GroupPage, IssuedToken, OpenInvitations, User } from "./shapes.js";
import { type Answer, useAnswer } from "./useAnswer.js";
import { platformName, utc } from "./words.js";

/** Rows of each list of a user; the newest calls, the oldest invitations. */
const ROWS = 20;

interface Props {
  api: Api;
  userID: string;
}

/** One user: who they are, where they are signed in, and what is open with them. */
export function UserPage({ api, userID }: Props) {
  const user = useAnswer(`user ${userID}`, () => api.ask<User>("getUser", { userID }));
  return (
    <>
      <h1>
        User <code>{userID}</code>
      </h1>
      <Panel title="Account" tools={user.value && <Tools {...{ api, userID, user }} />}>
        <Read answer={user}>{(found) => <Account user={found} />}</Read>
      </Panel>
      {user.value !== undefined && <Belongings {...{ api, userID }} />}
    </>
  );
}

function Account({ user: { nickname, faceURL, ext, reach, disabledSince } }: { user: User }) {
  return (
    <Facts>
      <Fact name="Signs in">
        {disabledSince === undefined ? (
          <State word="enabled" tone="good" />
        ) : (
          <>
            <State word="disabled" tone="bad" /> since <Time at={disabledSince} />
          </>
        )}
      </Fact>
      <Fact name="Nickname">{nickname || "–"}</Fact>
      <Fact name="May be rung by">{reach.ring}</Fact>
      <Fact name="May be added by">{reach.add}</Fact>
      {faceURL !== "" && <Fact name="Picture">{faceURL}</Fact>}
      {ext !== "" && <Fact name="ext">{ext}</Fact>}
    </Facts>
  );
}

function Tools({ api, userID, user }: Props & { user: Answer<User> }) {
  const isDisabled = user.value?.disabledSince !== undefined;
  return (
    <>
      <Action
        label="Sign out"
        question={`Sign ${userID} out everywhere?`}
        danger
        run={async () => {
          await api.ask("revokeTokens", { userID });
          return "All their tokens are taken back. Sessions end within a second.";
        }}
      >
        <p>All tokens made until now stop counting, and every session ends. With a new token they can sign in again.</p>
      </Action>
      {isDisabled ? (
        <Action
          label="Enable"
          question={`Enable ${userID}?`}
          onDone={user.again}
          run={async () => {
            await api.ask("enableUser", { userID });
            return "They can sign in again.";
          }}
        >
          <p>They can sign in again, also with tokens that they had before.</p>
        </Action>
      ) : (
        <Action
          label="Disable"
          question={`Disable ${userID}?`}
          danger
          onDone={user.again}
          run={async () => {
            await api.ask("disableUser", { userID });
            return "They are kept out until they are enabled.";
          }}
        >
          <p>
            Their sessions end within a second, and nobody can sign in as them. Pending invitations stay. Others see somebody who
            is away.
          </p>
        </Action>
      )}
      <IssueToken {...{ api, userID }} />
    </>
  );
}

/** Lives of a token that are offered, seconds. */
const LIVES = { "1 hour": 3_600, "1 day": 86_400, "30 days": 2_592_000 };

function IssueToken({ api, userID }: Props) {
  const [life, setLife] = useState(3_600);
  return (
    <Action
      label="Issue a token"
      question={`Issue a token for ${userID}?`}
      danger
      run={async () => {
        const { token, expiresAt } = await api.ask<IssuedToken>("createToken", { userID }, { kind: "userSig", expiresIn: life });
        const until = `It counts until ${utc(expiresAt)}.`;
        // Browsers offer a clipboard only to pages from https or from the same machine.
        if (navigator.clipboard === undefined) {
          return `${token} ${until}`;
        }
        await navigator.clipboard.writeText(token);
        return `The token is in the clipboard. ${until}`;
      }}
    >
      <p>Whoever has the token can be {userID}. It goes to the clipboard, where there is one.</p>
      <label>
        It counts for{" "}
        <select value={life} onChange={(event) => setLife(Number(event.currentTarget.value))}>
          {Object.entries(LIVES).map(([words, seconds]) => (
            <option key={words} value={seconds}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </Action>
  );
}

function Belongings({ api, userID }: Props) {
  const asked = { userID, limit: ROWS };
  const devices = useAnswer(`devices ${userID}`, () => api.ask<Devices>("listDevices", { userID }));
  const open = useAnswer(`open ${userID}`, () => api.ask<OpenInvitations>("listInvitations", asked));
  const calls = useAnswer(`calls ${userID}`, () => api.ask<CallPage>("listCalls", asked));
  const groups = useAnswer(`groups ${userID}`, () => api.ask<GroupPage>("listGroups", asked));
  return (
    <>
      <Panel title="Devices online">
        <Read answer={devices}>
          {(found) =>
            found.devices.length === 0 ? (
              <p class="hint">No device has a session.</p>
            ) : (
              <Table label="Devices online" heads={["Device", "Kind"]}>
                {found.devices.map(({ deviceID, platform }) => (
                  <tr key={deviceID}>
                    <td class="id">{deviceID}</td>
                    <td>{platformName(platform)}</td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Read>
      </Panel>
      <Panel title="Open invitations">
        <Read answer={open}>
          {({ invitations, next }) => (
            <>
              <InvitationTable invitations={invitations} />
              {next !== undefined && <p class="hint">The oldest {ROWS} are shown; there are more.</p>}
            </>
          )}
        </Read>
      </Panel>
      <Panel title="Calls">
        <Read answer={calls}>
          {(found) => (
            <>
              <CallTable calls={found.calls} />
              {found.next !== undefined && <p class="hint">The newest {ROWS} are shown; there are more.</p>}
            </>
          )}
        </Read>
      </Panel>
      <Panel title="Groups">
        <Read answer={groups}>
          {(found) =>
            found.groups.length === 0 ? (
              <p class="hint">They are in no group.</p>
            ) : (
              <>
                <Table label="Groups" heads={["Group", "Name", "Members"]}>
                  {found.groups.map(({ groupID, name, memberCount }) => (
                    <tr key={groupID}>
                      <td>
                        <Link section="groups" id={groupID} />
                      </td>
                      <td>{name}</td>
                      <td>{memberCount}</td>
                    </tr>
                  ))}
                </Table>
                {found.next !== undefined && <p class="hint">The first {ROWS} are shown; there are more.</p>}
              </>
            )
          }
        </Read>
      </Panel>
    </>
  );
}
