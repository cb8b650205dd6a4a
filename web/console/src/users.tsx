import { useState } from "preact/hooks";
import type { Api } from "./api.js";
import { Finder, Link, Pages, Panel, Read, State, Table } from "./pieces.js";
import type { Users } from "./shapes.js";
import { useAnswer } from "./useAnswer.js";

/** All users, page by page, and a way to one of them. */
export function UsersPage({ api }: { api: Api }) {
  const [after, setAfter] = useState<string>();
  const answer = useAnswer(`users ${after}`, () => api.ask<Users>("listUsers", { after, limit: 50 }));
  return (
    <>
      <h1>Users</h1>
      <Finder section="users" label="Find a user by their userID" />
      <Panel title="All users">
        <Read answer={answer}>
          {({ users, next }) => (
            <>
              {users.length === 0 ? (
                <p class="hint">There is no user yet.</p>
              ) : (
                <Table label="All users" heads={["User", "Nickname", "Signs in"]}>
                  {users.map(({ userID, nickname, disabledSince }) => (
                    <tr key={userID}>
                      <td>
                        <Link section="users" id={userID} />
                      </td>
                      <td>{nickname}</td>
                      <td>{disabledSince === undefined ? <State word="enabled" /> : <State word="disabled" tone="bad" />}</td>
                    </tr>
                  ))}
                </Table>
              )}
              <Pages next={next} isFirst={after === undefined} onTurn={setAfter} />
            </>
          )}
        </Read>
      </Panel>
    </>
  );
}
