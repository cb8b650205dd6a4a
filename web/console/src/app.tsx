import { useEffect, useMemo, useState } from "preact/hooks";
import { Mark } from "../../src/kit/icons.js";
import { Outcome } from "./action.js";
import { Api } from "./api.js";
import { CallPage, CallsPage } from "./call.js";
import { GroupPage, GroupsPage } from "./group.js";
import { InvitationPage, InvitationsPage } from "./invitation.js";
import { forgetKey, KeyForm, keptKey } from "./key.js";
import { LanguageButton } from "./languageButton.js";
import { OverviewPage } from "./overview.js";
import { linkTo, type Route, SECTIONS, useRoute } from "./route.js";
import { UserPage } from "./user.js";
import { UsersPage } from "./users.js";
import { useSay } from "./useSay.js";
import { WebhooksPage } from "./webhooks.js";

/** The console: a key first, then the section that the address names. */
export function Console() {
  const [key, setKey] = useState(keptKey());
  const route = useRoute();
  const say = useSay();
  useEffect(() => {
    document.title = say("tabTitle", { what: route.id ?? say(`nav.${route.section}`) });
  }, [say, route.section, route.id]);
  if (key === undefined) {
    return <KeyForm trouble={undefined} onKey={setKey} />;
  }
  const leave = () => {
    forgetKey();
    setKey(undefined);
  };
  return <Opened keyText={key} route={route} onLeave={leave} />;
}

function Opened({ keyText, route, onLeave }: { keyText: string; route: Route; onLeave: () => void }) {
  const api = useMemo(() => new Api(keyText), [keyText]);
  const say = useSay();
  return (
    <>
      <header class="bar">
        <p class="brand">
          <Mark /> {say("title")}
        </p>
        <nav aria-label={say("nav.label")}>
          <ul>
            {SECTIONS.map((section) => (
              <li key={section}>
                <a href={linkTo(section)} aria-current={section === route.section ? "page" : undefined}>
                  {say(`nav.${section}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p class="tools">
          <LanguageButton />
          <button type="button" class="button small" onClick={onLeave}>
            {say("key.forget")}
          </button>
        </p>
      </header>
      <main class="page" key={`${route.section} ${route.id}`}>
        <Page api={api} route={route} />
      </main>
      <Outcome />
    </>
  );
}

function Page({ api, route: { section, id } }: { api: Api; route: Route }) {
  switch (section) {
    case "overview":
      return <OverviewPage api={api} />;
    case "users":
      return id === undefined ? <UsersPage api={api} /> : <UserPage api={api} userID={id} />;
    case "invitations":
      return id === undefined ? <InvitationsPage /> : <InvitationPage api={api} inviteID={id} />;
    case "calls":
      return id === undefined ? <CallsPage api={api} /> : <CallPage api={api} callID={id} />;
    case "groups":
      return id === undefined ? <GroupsPage /> : <GroupPage api={api} groupID={id} />;
    case "webhooks":
      return <WebhooksPage api={api} />;
  }
}
