//! What retention drops, and what it must not touch.

use std::time::{Duration, Instant};

use wigwag_engine::command::{CallRef, Invite, SendMessage};
use wigwag_engine::{Actor, ConversationId};
use wigwag_protocol::Reason;
use wigwag_protocol::message::MessageOptions;
use wigwag_protocol::params::Direction;
use wigwag_server::store::{HistoryRange, PageRange, RetentionCutoffs, WhichCall};

use crate::calls::listed;
use crate::words::{
    accept, call_id, cancel, invite, invite_id, reject, revoke, ring, room, send, set_profile, text, to,
    to_call, to_room,
};
use crate::world::World;

/// Nothing is older than this.
pub(crate) const NOTHING: RetentionCutoffs =
    RetentionCutoffs { online_only: 0, events: 0, history: 0, invitations: 0, calls: 0, replies: 0 };

pub(crate) fn everything_before(time: u64) -> RetentionCutoffs {
    RetentionCutoffs {
        online_only: time,
        events: time,
        history: time,
        invitations: time,
        calls: time,
        replies: time,
    }
}

/// More steps than any of these databases needs.
const MOST_STEPS: usize = 100;

/// Waits until everything that was done is older than the time returned.
pub(crate) async fn a_moment_passes(world: &World) -> u64 {
    let before = world.now();
    let until = Instant::now() + Duration::from_secs(20);
    while world.now() <= before + 1 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.now()
}

pub(crate) async fn drops(world: &mut World, cutoffs: RetentionCutoffs) {
    world.told.is_thinned_out();
    for _ in 0..MOST_STEPS {
        if !world.store().retain(cutoffs).await {
            return;
        }
    }
    panic!("retention does not come to an end");
}

async fn says(world: &mut World, actor: &Actor, other: &Actor, words: &str) -> u64 {
    world.does(actor, send(text(to(&other.user), words))).await.sent().seq.unwrap()
}

async fn cursors(world: &World, actor: &Actor) -> Vec<u64> {
    world.stream(&actor.user).await.iter().map(|event| event.cursor).collect()
}

async fn bounds(world: &World, actor: &Actor) -> (u64, u64) {
    let bounds = world.store().stream_bounds(&actor.user).await.unwrap().unwrap();
    (bounds.floor, bounds.head)
}

pub(crate) async fn nothing_young_is_dropped(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let before = world.now();
    says(world, &alice, &bob, "one").await;
    world.does(&alice, invite(ring("i", &bob.user))).await.succeeds();
    world.does(&bob, accept("i")).await.succeeds();
    for time in [0, before] {
        let cutoffs = everything_before(time);
        while world.store().retain(cutoffs).await {}
    }
    // The recall after every case finds whatever is missing.
    assert_eq!(world.invitation("i").await.version, 2);
}

pub(crate) async fn events_for_those_online_go_first(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.is_online(&bob.user, true);
    let brief = || {
        let options = MessageOptions { online_user_only: true, ..MessageOptions::default() };
        send(SendMessage { options, ..text(to(&bob.user), "…") })
    };
    says(world, &alice, &bob, "one").await;
    world.does(&alice, brief()).await.succeeds();
    says(world, &alice, &bob, "two").await;
    world.does(&alice, brief()).await.succeeds();
    let online_only = a_moment_passes(world).await;
    drops(world, RetentionCutoffs { online_only, ..NOTHING }).await;
    for _ in 0..2 {
        assert_eq!(cursors(world, &bob).await, [1, 3]);
        assert_eq!(bounds(world, &bob).await, (0, 4), "the last place stays used though its event is gone");
        world.reopens().await;
    }
    says(world, &alice, &bob, "three").await;
    assert_eq!(cursors(world, &bob).await, [1, 3, 5]);
}

pub(crate) async fn old_events_leave_streams_and_the_floor_rises(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    for words in ["one", "two"] {
        says(world, &alice, &bob, words).await;
    }
    world.does(&carol, set_profile(Some("C"), None, None)).await.succeeds();
    let events = a_moment_passes(world).await;
    says(world, &alice, &bob, "three").await;
    drops(world, RetentionCutoffs { online_only: events, events, ..NOTHING }).await;
    let conversation = ConversationId::between(&alice.user, &bob.user);
    for _ in 0..2 {
        assert_eq!((cursors(world, &bob).await, bounds(world, &bob).await), (vec![3], (2, 3)));
        assert_eq!((cursors(world, &carol).await, bounds(world, &carol).await), (vec![], (1, 1)));
        assert_eq!(world.history(&conversation).await.len(), 3, "history is kept for longer");
        world.reopens().await;
    }
    says(world, &alice, &bob, "four").await;
    says(world, &alice, &carol, "hello").await;
    assert_eq!((cursors(world, &bob).await, cursors(world, &carol).await), (vec![3, 4], vec![2]));
    assert_eq!(bounds(world, &carol).await, (1, 2));
}

pub(crate) async fn old_messages_leave_history_and_numbers_go_on(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for words in ["one", "two", "three"] {
        says(world, &alice, &bob, words).await;
    }
    world.does(&alice, revoke(to(&bob.user), 2)).await.succeeds();
    let all = a_moment_passes(world).await;
    drops(world, everything_before(all)).await;
    let conversation = ConversationId::between(&alice.user, &bob.user);
    for _ in 0..2 {
        for direction in [Direction::Older, Direction::Newer] {
            let range =
                HistoryRange { conversation: conversation.clone(), from_seq: None, direction, limit: 5 };
            let page = world.store().history(range).await.unwrap();
            assert!(page.messages.is_empty() && page.complete);
        }
        let page = PageRange { after: None, limit: 5 };
        let page = world.store().conversations(&bob.user, page).await.unwrap();
        let [row] = page.rows.as_slice() else { panic!("{page:?}") };
        assert_eq!((row.last_seq, row.unread, row.last_message.is_none()), (3, 0, true));
        assert_eq!(bounds(world, &bob).await, (4, 4));
        world.reopens().await;
    }
    let lost = world.does(&alice, revoke(to(&bob.user), 3)).await;
    assert_eq!(lost.reason(), Reason::UnknownMessage);
    assert_eq!(says(world, &alice, &bob, "four").await, 4);
    assert_eq!(cursors(world, &bob).await, [5]);
    let kept = world.history(&conversation).await;
    assert_eq!((kept.len(), kept[0].revoked), (1, false));
}

pub(crate) async fn ended_invitations_go_and_open_ones_stay(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for id in ["accepted", "cancelled", "open"] {
        world.does(&alice, invite(ring(id, &bob.user))).await.succeeds();
    }
    world.does(&bob, accept("accepted")).await.succeeds();
    world.does(&alice, cancel("cancelled")).await.succeeds();
    let invitations = a_moment_passes(world).await;
    world.does(&alice, invite(ring("young", &bob.user))).await.succeeds();
    world.does(&bob, accept("young")).await.succeeds();
    drops(world, RetentionCutoffs { invitations, ..NOTHING }).await;
    for _ in 0..2 {
        for id in ["accepted", "cancelled"] {
            assert!(world.store().invitation(&invite_id(id)).await.unwrap().is_none());
        }
        assert!(!world.invitation("young").await.is_open());
        assert_eq!(world.open_for(&bob).await, [invite_id("open")]);
        assert_eq!(world.due().await, [invite_id("open")]);
        assert_eq!(
            cursors(world, &bob).await,
            [1, 2, 3, 4, 5, 6, 7],
            "their events have a time of their own"
        );
        world.reopens().await;
    }
    assert_eq!(world.does(&bob, accept("accepted")).await.reason(), Reason::UnknownInvitation);
    world.does(&bob, accept("open")).await.succeeds();
    // The name is free again, also for another invitation.
    let other = Invite { data: "other".to_owned(), ..ring("accepted", &alice.user) };
    world.does(&bob, invite(other)).await.succeeds();
    assert_eq!(world.open_for(&alice).await, [invite_id("accepted")]);
}

pub(crate) async fn ended_calls_go_and_running_ones_stay(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    for id in ["old", "older"] {
        world.does(&alice, invite(to_room(ring(id, &bob.user), "room"))).await.succeeds();
        world.does(&bob, reject(id)).await.succeeds();
    }
    world.does(&alice, invite(to_room(ring("running", &carol.user), "another"))).await.succeeds();
    let calls = a_moment_passes(world).await;
    world.does(&bob, invite(to_call(ring("young", &carol.user)))).await.succeeds();
    world.does(&carol, reject("young")).await.succeeds();
    drops(world, RetentionCutoffs { calls, ..NOTHING }).await;
    for _ in 0..2 {
        for id in ["old", "older"] {
            assert!(world.store().call(&call_id(id)).await.unwrap().is_none());
        }
        let in_room = WhichCall::Ref(CallRef::Room(room("room")));
        assert!(world.store().call_found(&in_room).await.unwrap().is_none());
        assert_eq!(listed(world, &alice).await, ["running"]);
        assert_eq!(listed(world, &bob).await, ["young"]);
        assert_eq!(listed(world, &carol).await, ["young", "running"]);
        assert_eq!(world.in_calls().await, std::slice::from_ref(&alice.user));
        world.reopens().await;
    }
    world.does(&carol, accept("running")).await.succeeds();
    world.does(&bob, invite(to_room(ring("new", &alice.user), "room"))).await.succeeds();
    assert_eq!(listed(world, &bob).await, ["new", "young"]);
}

/// A call is kept for longer than the invitation that opened it, and keeps its name.
pub(crate) async fn a_call_keeps_its_name_without_its_invitation(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    world.does(&alice, invite(to_call(ring("i", &bob.user)))).await.succeeds();
    world.does(&bob, reject("i")).await.succeeds();
    let invitations = a_moment_passes(world).await;
    drops(world, RetentionCutoffs { invitations, ..NOTHING }).await;
    for _ in 0..2 {
        world.reopens().await;
        let taken = world.does(&carol, invite(to_call(ring("i", &alice.user)))).await;
        assert_eq!(taken.reason(), Reason::InviteIdTaken);
        assert_eq!(world.call("i").await.caller, alice.user);
        assert_eq!(listed(world, &bob).await, ["i"]);
    }
    let calls = a_moment_passes(world).await;
    drops(world, RetentionCutoffs { calls, ..NOTHING }).await;
    // A store may remember in memory for longer what it need not remember.
    world.reopens().await;
    world.does(&carol, invite(to_call(ring("i", &alice.user)))).await.succeeds();
    assert_eq!(world.call("i").await.caller, carol.user);
    assert_eq!((listed(world, &alice).await, listed(world, &bob).await), (vec!["i".to_owned()], vec![]));
}

pub(crate) async fn used_up_client_message_ids_are_free_again(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let keyed =
        |key: &str| send(SendMessage { client_msg_id: Some(key.to_owned()), ..text(to(&bob.user), "hi") });
    world.does(&alice, keyed("old")).await.succeeds();
    let events = a_moment_passes(world).await;
    let young = world.does(&alice, keyed("young")).await;
    drops(world, RetentionCutoffs { events, ..NOTHING }).await;
    // A store may remember in memory for longer what it need not remember.
    world.reopens().await;
    assert_eq!(world.does(&alice, keyed("young")).await.reply_text(), young.reply_text());
    assert_eq!(world.does(&alice, keyed("old")).await.sent().seq, Some(3));
}
