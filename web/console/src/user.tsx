import { useEffect, useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { CallTable } from "./call.js";
import { InvitationTable } from "./invitation.js";
import { Fact, Facts, Link, Panel, Read, State, Table, Time } from "./pieces.js";
import { linkTo } from "./route.js";
import type { CallPage, Devices, GroupPage, IssuedToken, OpenInvitations, User } from "./shapes.js";
import type { TextKey } from "./strings/texts.js";
import { type Answer, useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { plain, platformName, utc } from "./words.js";

/** Rows of each list of a user; the newest calls, the oldest invitations. */
const ROWS = 20;

interface Props {
  api: Api;
  userID: string;
}

/** The words that say why the key cannot delete. */
const BARRED = "may-not-delete";

/** Whether the key may delete users; undefined until it is known. */
function useMayDelete(api: Api): boolean | undefined {
  const [may, setMay] = useState<boolean>();
  useEffect(() => void api.changesUsers().then(setMay), [api]);
  return may;
}

/** One user: who they are, where they are signed in, and what is open with them. */
export function UserPage({ api, userID }: Props) {
  const say = useSay();
  const user = useAnswer(`user ${userID}`, () => api.ask<User>("getUser", { userID }));
  const mayDelete = useMayDelete(api);
  return (
    <>
      <h1>
        {say("user")} <code>{userID}</code>
      </h1>
      <Panel title={say("user.account")} tools={user.value && <Tools {...{ api, userID, user, mayDelete }} />}>
        <Read answer={user}>{(found) => <Account user={found} />}</Read>
        {mayDelete === false && (
          <p id={BARRED} class="hint">
            {say("user.deleteBarred")}
          </p>
        )}
      </Panel>
      {user.value !== undefined && <Belongings {...{ api, userID }} />}
    </>
  );
}

function Account({ user: { nickname, faceURL, ext, reach, disabledSince } }: { user: User }) {
  const say = useSay();
  return (
    <Facts>
      <Fact name={say("users.signsIn")}>
        {disabledSince === undefined ? (
          <State word={say("users.enabled")} tone="good" />
        ) : (
          <>
            <State word={say("users.disabled")} tone="bad" /> {say("sinceThen")} <Time at={disabledSince} />
          </>
        )}
      </Fact>
      <Fact name={say("users.nickname")}>{nickname || "–"}</Fact>
      <Fact name={say("user.ring")}>{plain(say, reach.ring)}</Fact>
      <Fact name={say("user.add")}>{plain(say, reach.add)}</Fact>
      {faceURL !== "" && <Fact name={say("user.picture")}>{faceURL}</Fact>}
      {ext !== "" && <Fact name="ext">{ext}</Fact>}
    </Facts>
  );
}

interface ToolsProps extends Props {
  user: Answer<User>;
  mayDelete: boolean | undefined;
}

function Tools({ api, userID, user, mayDelete }: ToolsProps) {
  const say = useSay();
  const isDisabled = user.value?.disabledSince !== undefined;
  return (
    <>
      <Action
        label={say("user.signOut")}
        question={say("user.signOutSure", { userID })}
        danger
        run={async () => {
          await api.ask("revokeTokens", { userID });
          return say("user.signOutDone");
        }}
      >
        <p>{say("user.signOutMore")}</p>
      </Action>
      {isDisabled ? (
        <Action
          label={say("user.enable")}
          question={say("user.enableSure", { userID })}
          onDone={user.again}
          run={async () => {
            await api.ask("enableUser", { userID });
            return say("user.enableDone");
          }}
        >
          <p>{say("user.enableMore")}</p>
        </Action>
      ) : (
        <Action
          label={say("user.disable")}
          question={say("user.disableSure", { userID })}
          danger
          onDone={user.again}
          run={async () => {
            await api.ask("disableUser", { userID });
            return say("user.disableDone");
          }}
        >
          <p>{say("user.disableMore")}</p>
        </Action>
      )}
      <IssueToken {...{ api, userID }} />
      <DeleteUser {...{ api, userID, mayDelete }} />
    </>
  );
}

/** What is deleted and what stays is decided in docs/decisions/0029. The userID is written again, as for `wigwag user delete`. */
function DeleteUser({ api, userID, mayDelete }: Props & { mayDelete: boolean | undefined }) {
  const say = useSay();
  return (
    <Action
      label={say("user.delete")}
      question={say("user.deleteSure", { userID })}
      danger
      again={{ text: userID, label: say("user.deleteAgain", { userID }) }}
      barred={mayDelete === true ? undefined : BARRED}
      onDone={() => {
        location.hash = linkTo("users");
      }}
      run={async () => {
        await api.ask("deleteUser", { userID });
        return say("user.deleteDone", { userID });
      }}
    >
      <p>{say("user.deleteErased")}</p>
      <p>{say("user.deleteLeaves")}</p>
      <p>{say("user.deleteStays")}</p>
      <p>{say("user.deleteForGood")}</p>
    </Action>
  );
}

/** Lives of a token that are offered, seconds. */
const LIVES: readonly (readonly [TextKey, number])[] = [
  ["span.hour", 3_600],
  ["span.day", 86_400],
  ["span.days30", 2_592_000],
];

function IssueToken({ api, userID }: Props) {
  const say = useSay();
  const [life, setLife] = useState(3_600);
  return (
    <Action
      label={say("user.token")}
      question={say("user.tokenSure", { userID })}
      danger
      run={async () => {
        const { token, expiresAt } = await api.ask<IssuedToken>("createToken", { userID }, { kind: "userSig", expiresIn: life });
        const until = say("user.tokenUntil", { time: utc(expiresAt) });
        // Browsers offer a clipboard only to pages from https or from the same machine.
        if (navigator.clipboard === undefined) {
          return `${token} ${until}`;
        }
        await navigator.clipboard.writeText(token);
        return say("user.tokenCopied", { until });
      }}
    >
      <p>{say("user.tokenMore", { userID })}</p>
      <label>
        {say("user.tokenLife")}{" "}
        <select value={life} onChange={(event) => setLife(Number(event.currentTarget.value))}>
          {LIVES.map(([words, seconds]) => (
            <option key={words} value={seconds}>
              {say(words)}
            </option>
          ))}
        </select>
      </label>
    </Action>
  );
}

function Belongings({ api, userID }: Props) {
  const say = useSay();
  const asked = { userID, limit: ROWS };
  const devices = useAnswer(`devices ${userID}`, () => api.ask<Devices>("listDevices", { userID }));
  const open = useAnswer(`open ${userID}`, () => api.ask<OpenInvitations>("listInvitations", asked));
  const calls = useAnswer(`calls ${userID}`, () => api.ask<CallPage>("listCalls", asked));
  const groups = useAnswer(`groups ${userID}`, () => api.ask<GroupPage>("listGroups", asked));
  return (
    <>
      <Panel title={say("user.devices")}>
        <Read answer={devices}>
          {(found) =>
            found.devices.length === 0 ? (
              <p class="hint">{say("user.noDevices")}</p>
            ) : (
              <Table label={say("user.devices")} heads={[say("device"), say("kind")]}>
                {found.devices.map(({ deviceID, platform }) => (
                  <tr key={deviceID}>
                    <td class="id">{deviceID}</td>
                    <td>{platformName(say, platform)}</td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Read>
      </Panel>
      <Panel title={say("invitations.open")}>
        <Read answer={open}>
          {({ invitations, next }) => (
            <>
              <InvitationTable invitations={invitations} />
              {next !== undefined && <p class="hint">{say("user.oldest", { count: ROWS })}</p>}
            </>
          )}
        </Read>
      </Panel>
      <Panel title={say("nav.calls")}>
        <Read answer={calls}>
          {(found) => (
            <>
              <CallTable calls={found.calls} />
              {found.next !== undefined && <p class="hint">{say("user.newest", { count: ROWS })}</p>}
            </>
          )}
        </Read>
      </Panel>
      <Panel title={say("nav.groups")}>
        <Read answer={groups}>
          {(found) =>
            found.groups.length === 0 ? (
              <p class="hint">{say("user.noGroups")}</p>
            ) : (
              <>
                <Table label={say("nav.groups")} heads={[say("group"), say("name"), say("members")]}>
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
                {found.next !== undefined && <p class="hint">{say("user.first", { count: ROWS })}</p>}
              </>
            )
          }
        </Read>
      </Panel>
    </>
  );
}
