import { useEffect, useState } from "preact/hooks";
import { ActionButton } from "../kit/actionButton.js";
import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useTakenAway } from "../rooms/useTakenAway.js";
import { useStore } from "../session/store.js";
import type { ShowProps } from "./props.js";
import { isFull, seatOf } from "./rules.js";
import type { Show } from "./show.js";

/** The actions for the microphones: the host answers requests, a listener asks, a speaker leaves. */
export function MyPart(props: ShowProps) {
  useStore(props.show.room.view);
  return props.show.hosts ? <Requests {...props} /> : <ListenerPart {...props} />;
}

function Requests({ show, notices }: ShowProps) {
  const say = useSay();
  const state = useStore(show.state);
  const full = isFull(state);
  return (
    <section class="panel" aria-labelledby="requests-title">
      <h2 id="requests-title">
        {say("live.requests")} <span class="chip chip-soft digits">{state.asks.length}</span>
      </h2>
      <p class="hint" role="status">
        {full ? say("live.full") : state.asks.length === 0 ? say("live.requestsNone") : ""}
      </p>
      <ol class="hands">
        {state.asks.map(({ userID, inviteID }) => (
          <li key={inviteID}>
            <Avatar userID={userID} />
            <span class="name">{nameOf(userID)}</span>
            <span class="row-tools">
              <ActionButton
                notices={notices}
                look="small"
                action={() => show.answer(inviteID, false)}
                label={`${say("live.refuse")}: ${nameOf(userID)}`}
              >
                {say("live.refuse")}
              </ActionButton>
              <ActionButton
                notices={notices}
                look="small agree"
                disabled={full}
                action={() => show.answer(inviteID, true)}
                label={`${say("live.admit")}: ${nameOf(userID)}`}
              >
                {say("live.admit")}
              </ActionButton>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function ListenerPart(props: ShowProps) {
  const { show, notices } = props;
  const say = useSay();
  const { me } = show;
  const state = useStore(show.state);
  const seat = seatOf(state, me);
  const ask = state.asks.find(({ userID }) => userID === me);
  const offer = state.offers.find(({ userID }) => userID === me);
  const refused = useRefused(show);
  const takenAway = useTakenAway(show.room);
  if (seat !== undefined) {
    return (
      <section class="question">
        <h2 aria-live="polite">{say("live.onSeat", { number: seat })}</h2>
        <ActionButton notices={notices} action={() => show.leave(me)}>
          {say("live.leave")}
        </ActionButton>
      </section>
    );
  }
  if (offer !== undefined) {
    return <Offer {...props} inviteID={offer.inviteID} />;
  }
  if (ask !== undefined) {
    return (
      <section class="question">
        <h2 aria-live="polite">{say("live.asking")}</h2>
        <ActionButton notices={notices} action={() => show.withdraw(ask.inviteID)}>
          {say("live.withdraw")}
        </ActionButton>
      </section>
    );
  }
  return (
    <section class="question">
      {takenAway && <p role="status">{say("live.takenAway")}</p>}
      {refused && <p role="status">{say("live.refused")}</p>}
      {isFull(state) && <p role="status">{say("live.full")}</p>}
      <ActionButton notices={notices} look="primary" disabled={isFull(state)} action={() => show.ask()}>
        <Icon name="microphone" /> {say("live.ask")}
      </ActionButton>
    </section>
  );
}

function Offer({ show, notices, inviteID }: ShowProps & { inviteID: string }) {
  const say = useSay();
  const { owner } = useStore(show.room.view);
  return (
    <div class="prompt" role="alert">
      <h2>{say("live.offered", { name: nameOf(owner) })}</h2>
      <div class="card-choices">
        <ActionButton notices={notices} action={() => show.answer(inviteID, false)}>
          {say("live.notNow")}
        </ActionButton>
        <ActionButton notices={notices} look="agree" action={() => show.answer(inviteID, true)}>
          <Icon name="microphone" /> {say("live.take")}
        </ActionButton>
      </div>
    </div>
  );
}

/** Whether the host rejected the last request of this user. */
function useRefused(show: Show): boolean {
  const [refused, setRefused] = useState(false);
  useEffect(
    () =>
      show.room.session.on((event) => {
        const ofAsks = event.type === "invitation.rejected" || event.type === "invitation.received";
        if (ofAsks && event.groupID === show.room.groupID && event.inviter === show.me) {
          setRefused(event.type === "invitation.rejected");
        }
      }),
    [show],
  );
  return refused;
}
