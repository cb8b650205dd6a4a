//! Calls: every step is kept, also over a restart, and so is who is where.

use std::sync::Arc;

use wigwag_engine::command::{CallRef, Invite, Invited};
use wigwag_engine::invitation::End;
use wigwag_engine::{Actor, Call, Command, Limits};
use wigwag_protocol::call::{CallEndReason, PersonState};
use wigwag_protocol::frame::TO_CLIENT_BYTES;
use wigwag_protocol::invitation::{EndReason, Notify};
use wigwag_protocol::{CallId, Reason, UserId};
use wigwag_server::store::{CallPage, CallRange, WhichCall};

use crate::words::{
    accept, call_id, create_group, group, hang_up, invite, invite_id, join_call, on_tablet, reject, ring,
    ring_members, room, to_call, to_room, user,
};
use crate::world::World;

const ALL: CallRange = CallRange { missed: false, after: None, limit: 50 };
const MISSED: CallRange = CallRange { missed: true, after: None, limit: 50 };

async fn page(world: &World, actor: &Actor, range: CallRange) -> CallPage {
    world.store().calls_of(&actor.user, range).await.unwrap()
}

fn names(calls: &[Arc<Call>]) -> Vec<String> {
    calls.iter().map(|call| call.id().to_string()).collect()
}

/// The names of a user's calls, the newest first.
pub(crate) async fn listed(world: &World, actor: &Actor) -> Vec<String> {
    let page = page(world, actor, ALL).await;
    assert_eq!(page.next, None, "cases that look at all have no more than a page");
    names(&page.calls)
}

async fn missed(world: &World, actor: &Actor) -> Vec<String> {
    names(&page(world, actor, MISSED).await.calls)
}

async fn found(world: &World, which: WhichCall) -> Option<CallId> {
    world.store().call_found(&which).await.unwrap().map(|call| call.id().clone())
}

fn in_room(name: &str) -> WhichCall {
    WhichCall::Ref(CallRef::Room(room(name)))
}

fn states(call: &Call) -> Vec<PersonState> {
    call.people.iter().map(|person| person.standing.state()).collect()
}

fn call_user(id: &str, invitee: &UserId) -> Command {
    invite(to_call(ring(id, invitee)))
}

async fn three(world: &mut World) -> [Actor; 3] {
    [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await]
}

pub(crate) async fn a_call_is_kept_at_every_step(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    let called = world.does(&alice, call_user("c", &bob.user)).await;
    let entry = called.acted().call.clone().unwrap();
    for _ in 0..2 {
        let call = world.call("c").await;
        assert_eq!((&call.link, call.version), (&entry.link, 1));
        assert_eq!(states(&call), [PersonState::Joined, PersonState::Ringing]);
        assert_eq!(world.invitation("c").await.call.as_ref(), Some(&entry.link));
        assert_eq!(world.in_calls().await, std::slice::from_ref(&alice.user));
        assert_eq!(world.running_calls().await, [call_id("c")]);
        world.reopens().await;
    }
    world.does(&bob, accept("c")).await.succeeds();
    for _ in 0..2 {
        let call = world.call("c").await;
        assert_eq!((call.version, call.people[1].standing == call.people[0].standing), (2, true));
        assert_eq!(world.in_calls().await, [alice.user.clone(), bob.user.clone()]);
        assert_eq!(world.running_calls().await, [call_id("c")], "once, although there are two in it");
        let some = [bob.user.clone(), carol.user.clone()];
        assert_eq!(world.those_in_calls(&some).await, std::slice::from_ref(&bob.user));
        for which in [CallRef::Call(call_id("c")), CallRef::Room(entry.link.room_id.clone())] {
            assert_eq!(found(world, WhichCall::Ref(which)).await, Some(call_id("c")));
        }
        world.reopens().await;
    }
    world.does(&bob, hang_up("c")).await.succeeds();
    for _ in 0..2 {
        let call = world.call("c").await;
        assert_eq!(call.end.map(|end| end.reason), Some(CallEndReason::HungUp));
        assert_eq!(states(&call), [PersonState::Left, PersonState::Left]);
        assert!(world.in_calls().await.is_empty());
        assert!(world.running_calls().await.is_empty());
        assert_eq!(
            (listed(world, &alice).await, listed(world, &bob).await),
            (vec!["c".to_owned()], vec!["c".to_owned()])
        );
        assert!(listed(world, &carol).await.is_empty() && missed(world, &bob).await.is_empty());
        world.reopens().await;
    }
    assert_eq!(world.does(&carol, join_call("c")).await.reason(), Reason::UnknownCall);
    world.does(&alice, hang_up("c")).await.succeeds();
    assert_eq!(world.call("c").await.version, 3, "hanging up twice is no mistake");
    assert!(world.store().call(&call_id("none")).await.unwrap().is_none());
    assert_eq!(found(world, in_room("none")).await, None);
}

pub(crate) async fn whoever_is_in_a_call_is_busy(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    world.does(&alice, call_user("c", &bob.user)).await.succeeds();
    world.does(&bob, accept("c")).await.succeeds();
    let reply = world.does(&carol, call_user("busy", &bob.user)).await.reply_text();
    assert!(reply.contains("bob"), "{reply}");
    for _ in 0..2 {
        let invitation = world.invitation("busy").await;
        assert_eq!((invitation.version, invitation.busy().collect()), (1, vec![bob.user.clone()]));
        assert_eq!(invitation.end.as_ref().map(End::reason), Some(EndReason::Completed));
        let call = world.call("busy").await;
        assert_eq!(call.end.map(|end| end.reason), Some(CallEndReason::Busy));
        assert_eq!(missed(world, &bob).await, ["busy"]);
        assert_eq!(world.in_calls().await, [alice.user.clone(), bob.user.clone()]);
        assert!(world.open_for(&bob).await.is_empty() && world.due().await.is_empty());
        world.reopens().await;
        assert_eq!(world.does(&carol, call_user("busy", &bob.user)).await.reply_text(), reply);
    }
    world.does(&alice, hang_up("c")).await.succeeds();
    world.reopens().await;
    world.does(&carol, call_user("free", &bob.user)).await.succeeds();
    assert_eq!(world.open_for(&bob).await, [invite_id("free")]);
}

pub(crate) async fn two_who_call_each_other_meet(world: &mut World) {
    let [alice, bob, _] = three(world).await;
    let at_once = vec![(&alice, call_user("a", &bob.user)), (&bob, call_user("b", &alice.user))];
    let outcomes = world.together(at_once).await;
    let (first, second) = (outcomes[0].acted(), outcomes[1].acted());
    let entry = second.call.as_ref().unwrap();
    assert_eq!(
        (&entry.link, entry.accepted.as_ref()),
        (&first.call.as_ref().unwrap().link, Some(&invite_id("a")))
    );
    let reply = outcomes[1].reply_text();
    for _ in 0..2 {
        let merged = world.invitation("b").await;
        assert_eq!((merged.version, merged.merged_into()), (1, Some(&invite_id("a"))));
        assert_eq!(world.invitation("a").await.end.as_ref().map(End::reason), Some(EndReason::Completed));
        assert_eq!(states(&*world.call("a").await), [PersonState::Joined, PersonState::Joined]);
        assert!(world.store().call(&call_id("b")).await.unwrap().is_none());
        assert_eq!(world.in_calls().await, [alice.user.clone(), bob.user.clone()]);
        world.reopens().await;
        assert_eq!(world.does(&bob, call_user("b", &alice.user)).await.reply_text(), reply);
    }
}

pub(crate) async fn a_batch_sees_the_steps_before_in_it(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    let commands = vec![
        (&alice, invite(to_room(ring("one", &bob.user), "room"))),
        (&bob, accept("one")),
        (&carol, call_user("busy", &bob.user)),
        (&bob, hang_up("one")),
        (&carol, invite(to_room(ring("two", &alice.user), "room"))),
        (&alice, join_call("two")),
        (&bob, invite(to_room(ring("taken", &alice.user), "room"))),
    ];
    let outcomes = world.together(commands).await;
    let (last, others) = outcomes.split_last().unwrap();
    for outcome in others {
        outcome.succeeds();
    }
    assert_eq!(last.reason(), Reason::RoomTaken);
    for _ in 0..2 {
        assert_eq!(world.call("one").await.end.map(|end| end.reason), Some(CallEndReason::HungUp));
        assert_eq!(world.call("busy").await.end.map(|end| end.reason), Some(CallEndReason::Busy));
        assert_eq!((world.call("two").await.version, world.call("two").await.is_running()), (2, true));
        assert_eq!(found(world, in_room("room")).await, Some(call_id("two")));
        assert_eq!(world.in_calls().await, [alice.user.clone(), carol.user.clone()]);
        assert_eq!(listed(world, &alice).await.len(), 2);
        world.reopens().await;
    }
}

pub(crate) async fn whoever_goes_on_is_in_the_new_call(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    world.does(&alice, call_user("one", &bob.user)).await.succeeds();
    world.does(&bob, accept("one")).await.succeeds();
    world.reopens().await;
    world.does(&alice, call_user("two", &carol.user)).await.succeeds();
    for _ in 0..2 {
        assert_eq!(world.call("one").await.end.map(|end| end.reason), Some(CallEndReason::JoinedAnother));
        assert_eq!(world.in_calls().await, std::slice::from_ref(&alice.user));
        assert_eq!(listed(world, &alice).await, ["two", "one"]);
        world.reopens().await;
    }
    // The other way round: whoever rings leaves their call by the answer.
    world.does(&carol, accept("two")).await.succeeds();
    world.does(&bob, call_user("three", &user("dave"))).await.refusal();
    world.does(&alice, call_user("four", &bob.user)).await.succeeds();
    world.does(&bob, accept("four")).await.succeeds();
    let tablet = on_tablet(&bob.user);
    world.does(&tablet, join_call("four")).await.succeeds();
    for _ in 0..2 {
        assert!(!world.call("two").await.is_running());
        assert_eq!(world.in_calls().await, [alice.user.clone(), bob.user.clone()]);
        assert_eq!(world.call("four").await.version, 3);
        world.reopens().await;
    }
}

pub(crate) async fn a_group_finds_its_running_calls(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    let of_team = || WhichCall::OfGroup(team.clone());
    assert_eq!(found(world, of_team()).await, None);
    assert_eq!(found(world, WhichCall::OfGroup(group("none"))).await, None);
    world.does(&alice, invite(to_call(ring_members("c", &team, &[&bob.user])))).await.succeeds();
    world.reopens().await;
    world.does(&bob, accept("c")).await.succeeds();
    world.does(&carol, join_call("c")).await.succeeds();
    for _ in 0..2 {
        assert_eq!(found(world, of_team()).await, Some(call_id("c")));
        assert_eq!(world.in_calls().await, [&alice, &bob, &carol].map(|actor| actor.user.clone()));
        assert_eq!(listed(world, &carol).await, ["c"]);
        world.reopens().await;
    }
    world.does(&alice, hang_up("c")).await.succeeds();
    world.does(&bob, Command::QuitGroup(team.clone())).await.succeeds();
    for _ in 0..2 {
        assert_eq!(world.call("c").await.end.map(|end| end.reason), Some(CallEndReason::LeftGroup));
        assert_eq!(found(world, of_team()).await, None);
        assert!(world.in_calls().await.is_empty());
        world.reopens().await;
    }
}

pub(crate) async fn a_dismissed_group_leaves_no_call(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    world.does(&bob, invite(to_call(ring_members("c", &team, &[&carol.user])))).await.succeeds();
    world.reopens().await;
    let commands = vec![
        (&alice, Command::DismissGroup(team.clone())),
        (&alice, create_group(&team, &[&bob.user])),
        (&alice, invite(to_call(ring_members("new", &team, &[&bob.user])))),
    ];
    for outcome in world.together(commands).await {
        outcome.succeeds();
    }
    for _ in 0..2 {
        assert_eq!(world.call("c").await.end.map(|end| end.reason), Some(CallEndReason::GroupDismissed));
        assert!(!world.invitation("c").await.is_open());
        assert_eq!(found(world, WhichCall::OfGroup(team.clone())).await, Some(call_id("new")));
        assert_eq!(world.in_calls().await, std::slice::from_ref(&alice.user));
        world.reopens().await;
    }
}

pub(crate) async fn the_newest_call_of_a_room_is_meant(world: &mut World) {
    let [alice, bob, carol] = three(world).await;
    for id in ["z", "y", "x"] {
        world.does(&alice, invite(to_room(ring(id, &bob.user), "room"))).await.succeeds();
        assert_eq!(found(world, in_room("room")).await, Some(call_id(id)));
        let taken = world.does(&carol, invite(to_room(ring("other", &bob.user), "room"))).await;
        assert_eq!(taken.reason(), Reason::RoomTaken);
        world.reopens().await;
        assert_eq!(found(world, in_room("room")).await, Some(call_id(id)));
        world.does(&bob, Command::HangUp(CallRef::Room(room("room")))).await.succeeds();
        assert!(!world.call(id).await.is_running());
    }
    assert_eq!(listed(world, &bob).await, ["x", "y", "z"]);
}

pub(crate) async fn calls_are_listed_newest_first_in_pages(world: &mut World) {
    let [alice, bob, _] = three(world).await;
    for id in ["e", "d", "c", "b", "a"] {
        world.does(&alice, call_user(id, &bob.user)).await.succeeds();
        let answer = if id < "c" { reject(id) } else { crate::words::cancel(id) };
        world.does(if id < "c" { &bob } else { &alice }, answer).await.succeeds();
    }
    for _ in 0..2 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = page(world, &bob, CallRange { after, limit: 2, ..ALL }).await;
            assert!(page.calls.len() <= 2);
            seen.extend(names(&page.calls));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        // Calls of one millisecond stand in the order of their names.
        let mut sorted = seen.clone();
        sorted.sort();
        assert_eq!((seen.len(), sorted), (5, ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec()));
        assert_eq!(
            page(world, &bob, CallRange { limit: 5, ..ALL }).await.next,
            None,
            "a page that is just full is the last"
        );
        assert_eq!(missed(world, &bob).await.len(), 3);
        assert!(missed(world, &alice).await.is_empty(), "nobody misses a call of their own");
        world.reopens().await;
    }
    assert!(page(world, &crate::words::on_phone(&user("nobody")), ALL).await.calls.is_empty());
}

/// More than a page of missed calls looks at.
const MANY: usize = 501;

pub(crate) async fn few_missed_calls_among_many_are_found(world: &mut World) {
    let [alice, bob, _] = three(world).await;
    world.does(&alice, call_user("missed", &bob.user)).await.succeeds();
    world.does(&alice, hang_up("missed")).await.succeeds();
    let ids: Vec<String> = (0..MANY).map(|number| format!("answered {number}")).collect();
    let mut commands = Vec::new();
    for id in &ids {
        commands.extend([(&alice, call_user(id, &bob.user)), (&bob, accept(id)), (&alice, hang_up(id))]);
    }
    for outcome in world.together(commands).await {
        outcome.succeeds();
    }
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = page(world, &bob, CallRange { after, ..MISSED }).await;
        seen.extend(names(&page.calls));
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen, pages), (vec!["missed".to_owned()], 2));
}

/// People of a call with long names, so that about eight of their calls fill a page.
const PEOPLE: usize = 99;

pub(crate) async fn a_page_of_calls_ends_by_its_bytes(world: &mut World) {
    let alice = world.joins("alice").await;
    let names: Vec<UserId> = (0..PEOPLE).map(|number| user(&format!("{number:060}"))).collect();
    for name in &names {
        world.joins(name.as_str()).await;
    }
    let team = group("team");
    world.does(&alice, create_group(&team, &names.iter().collect::<Vec<_>>())).await.succeeds();
    for number in 0..17 {
        let id = format!("c{number}");
        let invited =
            Invited::Members { group: team.clone(), invitees: names.clone(), notify: Notify::Parties };
        let wish = Invite { invited, ..ring(&id, &alice.user) };
        world.does(&alice, invite(to_call(wish))).await.succeeds();
        world.does(&alice, hang_up(&id)).await.succeeds();
    }
    let (mut seen, mut after, mut pages) = (0, None, 0);
    loop {
        let page = page(world, &alice, CallRange { after, ..ALL }).await;
        assert!(page.calls.len() * PEOPLE * 60 <= TO_CLIENT_BYTES / 2 + PEOPLE * 60, "{}", page.calls.len());
        (seen, after, pages) = (seen + page.calls.len(), page.next, pages + 1);
        if after.is_none() {
            break;
        }
    }
    assert!(seen == 17 && pages > 1, "{seen} calls on {pages} pages");
}

/// The names on a page of the calls that are running, and whether it is the last.
async fn running(world: &World, after: Option<&str>, limit: usize) -> (Vec<String>, bool) {
    let page = world.store().running_page(after.map(call_id).as_ref(), limit).await.unwrap();
    (names(&page.rows), page.complete)
}

pub(crate) async fn all_running_calls_are_listed_page_by_page(world: &mut World) {
    let zoe = world.joins("zoe").await;
    for (caller, id) in [("a", "club"), ("b", "Zoo"), ("c", "-x"), ("d", "over"), ("e", "team")] {
        let caller = world.joins(caller).await;
        world.does(&caller, call_user(id, &zoe.user)).await.succeeds();
        if id == "over" {
            world.does(&caller, hang_up(id)).await.succeeds();
        }
    }
    // Two are in it, and it is one call.
    world.does(&zoe, accept("club")).await.succeeds();
    for _ in 0..2 {
        let all = ["-x", "Zoo", "club", "team"].map(str::to_owned);
        assert_eq!(
            running(world, None, 4).await,
            (all.to_vec(), true),
            "a page that is just full is the last"
        );
        assert_eq!(running(world, None, 3).await, (all[..3].to_vec(), false));
        assert_eq!(running(world, Some("club"), 3).await, (all[3..].to_vec(), true));
        assert_eq!(running(world, Some("over"), 3).await, (all[3..].to_vec(), true), "behind one that ended");
        assert_eq!(running(world, Some("team"), 3).await, (Vec::new(), true));
        world.reopens().await;
    }
}

/// A page has at most 128 KiB and one call more.
pub(crate) async fn a_page_of_running_calls_ends_by_its_bytes(world: &mut World) {
    const CALLS: usize = 17;
    let mut names: Vec<UserId> = (0..PEOPLE).map(|number| user(&format!("{number:060}"))).collect();
    for name in &names {
        world.joins(name.as_str()).await;
    }
    let invitees = names.split_off(CALLS);
    let callers: Vec<Actor> = names.iter().map(crate::words::on_phone).collect();
    world.reopens_with(Limits { group_calls: CALLS, ..Limits::default() }).await;
    let team = group("team");
    let others: Vec<&UserId> = names.iter().skip(1).chain(&invitees).collect();
    world.does(&callers[0], create_group(&team, &others)).await.succeeds();
    for (number, caller) in callers.iter().enumerate() {
        let invited =
            Invited::Members { group: team.clone(), invitees: invitees.clone(), notify: Notify::Parties };
        let wish = Invite { invited, ..ring(&format!("c{number:02}"), &caller.user) };
        world.does(caller, invite(to_call(wish))).await.succeeds();
    }
    // Each of the others has at least their name in the record of the call.
    let least = invitees.len() * 60;
    let (mut listed, mut complete, mut pages) = (Vec::new(), false, 0);
    while !complete {
        let (page, is_last) = running(world, listed.last().map(String::as_str), 1_000).await;
        assert!(!page.is_empty() && (page.len() - 1) * least <= TO_CLIENT_BYTES / 2, "{page:?}");
        listed.extend(page);
        (complete, pages) = (is_last, pages + 1);
    }
    assert!(pages > 1);
    let all: Vec<String> = (0..CALLS).map(|number| format!("c{number:02}")).collect();
    assert_eq!(listed, all);
}

pub(crate) async fn seen_calls_stay_seen(world: &mut World) {
    let [alice, bob, _] = three(world).await;
    assert_eq!(world.store().calls_seen(&bob.user).await.unwrap(), 0);
    assert_eq!(world.store().calls_seen(&user("nobody")).await.unwrap(), 0);
    world.does(&alice, call_user("c", &bob.user)).await.succeeds();
    world.does(&alice, hang_up("c")).await.succeeds();
    let began = world.call("c").await.created_at;
    world.does(&bob, Command::SeeCalls(began)).await.succeeds();
    let earlier = world.does(&bob, Command::SeeCalls(began - 1)).await;
    assert!(earlier.events().is_empty());
    for _ in 0..2 {
        assert_eq!(world.store().calls_seen(&bob.user).await.unwrap(), began);
        assert_eq!(world.store().calls_seen(&alice.user).await.unwrap(), 0);
        world.reopens().await;
        assert!(world.does(&bob, Command::SeeCalls(began)).await.events().is_empty());
    }
}
