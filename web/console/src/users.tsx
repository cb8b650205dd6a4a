import { useState } from "preact/hooks";
import type { Api } from "./api.js";
import { Finder, Link, Pages, Panel, Read, State, Table } from "./pieces.js";
import type { Users } from "./shapes.js";
import { useAnswer } from "./useAnswer.js";
import { useSay } from "./useSay.js";

/** All users, page by page, and a way to one of them. */
export function UsersPage({ api }: { api: Api }) {
  const say = useSay();
  const [after, setAfter] = useState<string>();
  const answer = useAnswer(`users ${after}`, () => api.ask<Users>("listUsers", { after, limit: 50 }));
  return (
    <>
      <h1>{say("nav.users")}</h1>
      <Finder section="users" label={say("users.find")} />
      <Panel title={say("users.all")}>
        <Read answer={answer}>
          {({ users, next }) => (
            <>
              {users.length === 0 ? (
                <p class="hint">{say("users.none")}</p>
              ) : (
                <Table label={say("users.all")} heads={[say("user"), say("users.nickname"), say("users.signsIn")]}>
                  {users.map(({ userID, nickname, disabledSince }) => (
                    <tr key={userID}>
                      <td>
                        <Link section="users" id={userID} />
                      </td>
                      <td>{nickname}</td>
                      <td>
                        {disabledSince === undefined ? (
                          <State word={say("users.enabled")} />
                        ) : (
                          <State word={say("users.disabled")} tone="bad" />
                        )}
                      </td>
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
