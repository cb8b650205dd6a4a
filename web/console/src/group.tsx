import type { GroupView } from "@wigwag/sdk";
import { useState } from "preact/hooks";
import { Action } from "./action.js";
import type { Api } from "./api.js";
import { Fact, Facts, Finder, Link, Pages, Panel, Read, Table, Time } from "./pieces.js";
import type { MemberPage } from "./shapes.js";
import { useAnswer } from "./useAnswer.js";

/** The way to one group. */
export function GroupsPage() {
  return (
    <>
      <h1>Groups</h1>
      <Finder section="groups" label="Find a group by its groupID" />
      <p class="hint">The groups of a user are on the user's page.</p>
    </>
  );
}

interface Props {
  api: Api;
  groupID: string;
}

/** One group and its members. */
export function GroupPage({ api, groupID }: Props) {
  const group = useAnswer(`group ${groupID}`, () => api.ask<GroupView>("getGroup", { groupID }));
  return (
    <>
      <h1>
        Group <code>{groupID}</code>
      </h1>
      <Panel title="Description" tools={group.value && <Dismiss {...{ api, groupID }} onDone={group.again} />}>
        <Read answer={group}>
          {({ name, owner, memberCount, joinPolicy, createdAt, ext }) => (
            <Facts>
              <Fact name="Name">{name || "–"}</Fact>
              <Fact name="Owner">
                <Link section="users" id={owner} />
              </Fact>
              <Fact name="Members">{memberCount}</Fact>
              <Fact name="Joining">{joinPolicy}</Fact>
              <Fact name="Made">
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
  return (
    <Action
      label="Dismiss"
      question="Dismiss this group?"
      danger
      onDone={onDone}
      run={async () => {
        await api.ask("dismissGroup", { groupID });
        return "The group is gone.";
      }}
    >
      <p>It ends for all members, with its open invitations and calls. It cannot be brought back.</p>
    </Action>
  );
}

function Members({ api, groupID }: Props) {
  const [after, setAfter] = useState<string>();
  const members = useAnswer(`members ${groupID} ${after}`, () =>
    api.ask<MemberPage>("listMembers", { groupID, after, limit: 50 }),
  );
  return (
    <Panel title="Members">
      <Read answer={members}>
        {(page) => (
          <>
            <Table label="Members" heads={["User", "Role", "Joined", "Remove"]}>
              {page.members.map(({ userID, role, joinedAt }) => (
                <tr key={userID}>
                  <td>
                    <Link section="users" id={userID} />
                  </td>
                  <td>{role}</td>
                  <td>
                    <Time at={joinedAt} />
                  </td>
                  <td>
                    {role === "owner" ? (
                      "–"
                    ) : (
                      <Action
                        label="Remove"
                        question={`Remove ${userID} from the group?`}
                        danger
                        onDone={members.again}
                        run={async () => {
                          await api.ask("removeMember", { groupID, userID });
                          return `${userID} is no member any more.`;
                        }}
                      >
                        <p>They no longer see the group, and invitations in it end for them.</p>
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
