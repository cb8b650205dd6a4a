import type { GroupView } from "@wigwag/sdk";
import { useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Fact, Facts, Finder, Link, Pages, Panel, Read, Table, Time } from "./pieces.js";
import type { MemberPage } from "./shapes.js";
import { useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { plain } from "./words.js";

/** The way to one group. */
export function GroupsPage() {
  const say = useSay();
  return (
    <>
      <h1>{say("nav.groups")}</h1>
      <Finder section="groups" label={say("groups.find")} />
      <p class="hint">{say("groups.hint")}</p>
    </>
  );
}

interface Props {
  api: Api;
  groupID: string;
}

/** One group and its members. */
export function GroupPage({ api, groupID }: Props) {
  const say = useSay();
  const group = useAnswer(`group ${groupID}`, () => api.ask<GroupView>("getGroup", { groupID }));
  return (
    <>
      <h1>
        {say("group")} <code>{groupID}</code>
      </h1>
      <Panel title={say("group.description")} tools={group.value && <Dismiss {...{ api, groupID }} onDone={group.again} />}>
        <Read answer={group}>
          {({ name, owner, memberCount, joinPolicy, createdAt, ext }) => (
            <Facts>
              <Fact name={say("name")}>{name || "–"}</Fact>
              <Fact name={say("group.owner")}>
                <Link section="users" id={owner} />
              </Fact>
              <Fact name={say("members")}>{memberCount}</Fact>
              <Fact name={say("group.joining")}>{plain(say, joinPolicy)}</Fact>
              <Fact name={say("made")}>
                <Time at={createdAt} />
              </Fact>
              {ext !== "" && <Fact name="ext">{ext}</Fact>}
            </Facts>
          )}
        </Read>
      </Panel>
      {group.value !== undefined && <Members {...{ api, groupID }} />}
    </>
  );
}

function Dismiss({ api, groupID, onDone }: Props & { onDone: () => void }) {
  const say = useSay();
  return (
    <Action
      label={say("group.dismiss")}
      question={say("group.dismissSure")}
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("dismissGroup", { groupID });
        return say("group.dismissDone");
      }}
    >
      <p>{say("group.dismissMore")}</p>
    </Action>
  );
}

function Members({ api, groupID }: Props) {
  const say = useSay();
  const [after, setAfter] = useState<string>();
  const members = useAnswer(`members ${groupID} ${after}`, () =>
    api.ask<MemberPage>("listMembers", { groupID, after, limit: 50 }),
  );
  return (
    <Panel title={say("members")}>
      <Read answer={members}>
        {(page) => (
          <>
            <Table label={say("members")} heads={[say("user"), say("group.role"), say("group.joined"), say("group.remove")]}>
              {page.members.map(({ userID, role, joinedAt }) => (
                <tr key={userID}>
                  <td>
                    <Link section="users" id={userID} />
                  </td>
                  <td>{plain(say, role)}</td>
                  <td>
                    <Time at={joinedAt} />
                  </td>
                  <td>
                    {role === "owner" ? (
                      "–"
                    ) : (
                      <Action
                        label={say("group.remove")}
                        question={say("group.removeSure", { userID })}
                        danger
                        onDone={members.again}
                        run={async () => {
                          await api.ask("removeMember", { groupID, userID });
                          return say("group.removeDone", { userID });
                        }}
                      >
                        <p>{say("group.removeMore")}</p>
                      </Action>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
            <Pages next={page.next} isFirst={after === undefined} onTurn={setAfter} />
          </>
        )}
      </Read>
    </Panel>
  );
}
