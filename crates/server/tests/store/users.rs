//! Users: registration, profiles, blocks.

use wigwag_engine::{Command, ConversationId, Reply};
use wigwag_protocol::group::{Profile, Reach, ReachableBy};
use wigwag_protocol::params::Direction;
use wigwag_protocol::quiet::{Quiet, QuietPush, QuietSpan};
use wigwag_protocol::{Reason, UserId};
use wigwag_server::store::{Admission, HistoryRange, KnownUser, OpenRange, PageRange, StreamBounds};

use crate::words::{
    accept, create_group, group, invite, invite_id, ring, send, set_profile, text, to, to_group, user,
};
use crate::world::World;

pub(crate) async fn a_registered_user_is_known(world: &mut World) {
    let alice = world.joins("alice").await;
    let again = world.does(&alice, Command::Register).await;
    again.succeeds();
    world.reopens().await;

    let profiles = world.store().profiles(&[alice.user.clone(), user("nobody")]).await.unwrap();
    assert_eq!(profiles, [profile(&alice.user, "", "", "")]);
    let bounds = world.store().stream_bounds(&alice.user).await.unwrap();
    assert_eq!(bounds, Some(StreamBounds { floor: 0, head: 0, admission: Admission::Welcome }));
}

pub(crate) async fn a_profile_changes_field_by_field(world: &mut World) {
    let alice = world.joins("alice").await;
    let bob = world.joins("bob").await;
    world.does(&alice, set_profile(Some("Al"), None, Some("{\"a\":1}"))).await.succeeds();
    let read = world.store().profiles(std::slice::from_ref(&alice.user)).await.unwrap();
    assert_eq!(read, [profile(&alice.user, "Al", "", "{\"a\":1}")], "read before it changes again");
    world.does(&alice, set_profile(None, Some("https://example.org/al"), None)).await.succeeds();
    let same = world.does(&alice, set_profile(Some("Al"), None, None)).await;
    assert!(same.events().is_empty(), "nothing changed, so nothing is told");

    for _ in 0..2 {
        let mut found = world.store().profiles(&[bob.user.clone(), alice.user.clone()]).await.unwrap();
        found.sort_by(|one, other| one.user_id.cmp(&other.user_id));
        let expected = profile(&alice.user, "Al", "https://example.org/al", "{\"a\":1}");
        assert_eq!(found, [expected, profile(&bob.user, "", "", "")]);
        world.reopens().await;
    }
}

pub(crate) async fn blocks_are_kept_and_listed_in_byte_order(world: &mut World) {
    let alice = world.joins("alice").await;
    // In the order of a dictionary these stand otherwise.
    let in_byte_order = ["-x", "Bob", "Zed", "_x", "bob", "z1"];
    for name in ["bob", "_x", "Zed", "z1", "-x", "Bob"] {
        let other = world.joins(name).await;
        world.does(&alice, Command::SetBlock(other.user, true)).await.succeeds();
    }
    let blocked = world.store().blocked_by(&alice.user, None, 100).await.unwrap().rows;
    assert_eq!(blocked, in_byte_order.map(user));
    let asked = ["Bob", "alice", "nobody", "z1"].map(user);
    let none = world.store().blocking(&asked, &user("bob")).await.unwrap();
    assert_eq!(
        (none, world.store().blocking(&asked, &user("nobody")).await.unwrap()),
        (vec![alice.user.clone()], vec![])
    );

    let bob = crate::words::on_phone(&user("bob"));
    for command in [invite(ring("i", &alice.user)), send(text(to(&alice.user), "hi"))] {
        assert_eq!(world.does(&bob, command).await.reason(), Reason::BlockedByPeer);
    }
    world.does(&alice, Command::SetBlock(bob.user.clone(), false)).await.succeeds();
    world.reopens().await;
    let blocked = world.store().blocked_by(&alice.user, None, 100).await.unwrap().rows;
    assert_eq!(blocked.len(), in_byte_order.len() - 1);
    assert!(!blocked.contains(&bob.user));
    world.does(&bob, invite(ring("i", &alice.user))).await.succeeds();
    assert!(
        world.store().blocked_by(&bob.user, None, 100).await.unwrap().rows.is_empty(),
        "a block has one direction"
    );
}

pub(crate) async fn unknown_names_are_answered_with_nothing(world: &mut World) {
    let nobody = user("nobody");
    let store = world.store();
    assert!(store.stream_bounds(&nobody).await.unwrap().is_none());
    assert!(store.events_after(&nobody, 0, 10).await.unwrap().events.is_empty());
    assert!(store.invitation(&invite_id("none")).await.unwrap().is_none());
    assert!(store.open_invitations(&nobody, OpenRange::first()).await.unwrap().invitations.is_empty());
    assert!(store.due_times(1_000).await.unwrap().is_empty());
    assert!(store.group(&group("none")).await.unwrap().is_none());
    assert!(store.groups_of(&nobody, None, 100).await.unwrap().rows.is_empty());
    assert!(store.profiles(std::slice::from_ref(&nobody)).await.unwrap().is_empty());
    assert!(store.profiles(&[]).await.unwrap().is_empty());
    assert!(store.blocked_by(&nobody, None, 100).await.unwrap().rows.is_empty());

    let conversation = ConversationId::between(&nobody, &user("nemo"));
    let range =
        |direction| HistoryRange { conversation: conversation.clone(), from_seq: None, direction, limit: 10 };
    for direction in [Direction::Older, Direction::Newer] {
        let page = store.history(range(direction)).await.unwrap();
        assert!(page.messages.is_empty() && page.complete);
    }
    assert!(world.readers(&conversation, 0).await.is_empty());
    let page = store.conversations(&nobody, PageRange { after: None, limit: 10 }).await.unwrap();
    assert!(page.rows.is_empty() && page.total_unread == 0 && page.next.is_none());

    let alice = world.joins("alice").await;
    let lost = world.does(&alice, accept("none")).await;
    assert_eq!(lost.reason(), Reason::UnknownInvitation);
    let looked = world.looks_at("none").await;
    assert!(looked.events().is_empty());
    assert_eq!(world.does(&alice, invite(ring("i", &nobody))).await.reason(), Reason::UnknownUser);
}

fn profile(user: &UserId, nickname: &str, face_url: &str, ext: &str) -> Profile {
    Profile {
        user_id: user.clone(),
        nickname: nickname.to_owned(),
        face_url: face_url.to_owned(),
        ext: ext.to_owned(),
    }
}

pub(crate) async fn who_may_reach_a_user_is_kept(world: &mut World) {
    let alice = world.joins("alice").await;
    let (bob, carol) = (world.joins("bob").await, world.joins("carol").await);
    let (team, other) = (group("team"), group("other"));
    assert_eq!(world.store().reach(&bob.user).await.unwrap(), Reach::default());
    for actor in [&bob, &carol] {
        let known = Command::SetReach { ring: Some(ReachableBy::Known), add: None };
        world.does(actor, known).await.succeeds();
    }
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    world.does(&carol, Command::JoinGroup(team.clone())).await.succeeds();
    world.does(&bob, Command::SetReach { ring: None, add: Some(ReachableBy::Nobody) }).await.succeeds();
    world.reopens().await;
    let kept = Reach { ring: ReachableBy::Known, add: ReachableBy::Nobody };
    assert_eq!(world.store().reach(&bob.user).await.unwrap(), kept);
    assert_eq!(world.does(&alice, invite(ring("1", &bob.user))).await.reason(), Reason::BlockedByPeer);
    world.does(&alice, invite(ring("2", &carol.user))).await.succeeds();
    let added = world.does(&alice, create_group(&other, &[&bob.user])).await;
    let Reply::Created(created) = added.succeeds() else { panic!("{added:?}") };
    assert_eq!(created.ignored_members, std::slice::from_ref(&bob.user));
    // In one batch, each sees what the one before it did.
    let together = vec![
        (&bob, send(text(to(&alice.user), "hello"))),
        (&alice, invite(ring("3", &bob.user))),
        (&carol, Command::QuitGroup(team.clone())),
        (&alice, invite(ring("4", &carol.user))),
    ];
    let outcomes = world.together(together).await;
    outcomes[1].succeeds();
    assert_eq!(outcomes[3].reason(), Reason::BlockedByPeer, "they share no group any more");
    world.reopens().await;
    world.does(&alice, invite(ring("5", &bob.user))).await.succeeds();
    assert_eq!(world.does(&carol, invite(ring("6", &bob.user))).await.reason(), Reason::BlockedByPeer);
    world.does(&bob, send(text(to_group(&team), "here"))).await.succeeds();
    world.does(&carol, Command::JoinGroup(team)).await.succeeds();
    world.reopens().await;
    world.does(&carol, invite(ring("6", &bob.user))).await.succeeds();
}

fn sleeping(again: bool) -> Quiet {
    let hours = vec![QuietSpan { days: vec![1, 7], from: 1_320, to: 420 }];
    let time_zone = Some("Europe/Berlin".to_owned());
    Quiet { until: Some(u64::MAX), hours, time_zone, again, ..Quiet::default() }
}

fn set_quiet(quiet: &Quiet) -> Command {
    Command::SetQuiet(Box::new(quiet.clone()))
}

/// For whom an invitation rings without a sound.
async fn quiet_in(world: &World, id: &str) -> Vec<String> {
    let found = world.store().invitation(&invite_id(id)).await.unwrap().unwrap();
    found.quiet().iter().map(ToString::to_string).collect()
}

pub(crate) async fn when_a_user_is_quiet_is_kept_and_who_rang_them(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    assert_eq!(world.store().quiet(&bob.user).await.unwrap(), Quiet::default());
    assert_eq!(world.store().quiet(&user("nobody")).await.unwrap(), Quiet::default());
    world.does(&bob, set_quiet(&sleeping(true))).await.succeeds();
    world.does(&alice, invite(ring("1", &bob.user))).await.succeeds();
    world.reopens().await;
    assert_eq!(world.store().quiet(&bob.user).await.unwrap(), sleeping(true));
    world.does(&alice, invite(ring("2", &bob.user))).await.succeeds();
    assert_eq!((quiet_in(world, "1").await, quiet_in(world, "2").await), (vec!["bob".to_owned()], vec![]));
    // In one batch: each ring sees the one before it, and settings that end what was remembered.
    let outcomes = world
        .together(vec![
            (&carol, invite(ring("3", &bob.user))),
            (&carol, invite(ring("4", &bob.user))),
            (&bob, set_quiet(&Quiet::default())),
            (&bob, set_quiet(&sleeping(true))),
            (&carol, invite(ring("5", &bob.user))),
        ])
        .await;
    for outcome in &outcomes {
        outcome.succeeds();
    }
    let mut rang = Vec::new();
    for id in ["3", "4", "5"] {
        rang.push(quiet_in(world, id).await.len());
    }
    assert_eq!(rang, [1, 0, 1]);
    world.reopens().await;
    world.does(&alice, invite(ring("6", &bob.user))).await.succeeds();
    world.does(&carol, invite(ring("7", &bob.user))).await.succeeds();
    assert_eq!((quiet_in(world, "6").await.len(), quiet_in(world, "7").await.len()), (1, 0));
    world.does(&bob, set_quiet(&sleeping(false))).await.succeeds();
    world.does(&carol, invite(ring("8", &bob.user))).await.succeeds();
    assert_eq!(quiet_in(world, "8").await, ["bob"]);
}

pub(crate) async fn how_it_rings_is_kept_with_the_invitation(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.does(&bob, set_quiet(&Quiet { push: QuietPush::None, ..sleeping(true) })).await.succeeds();
    world.does(&alice, invite(ring("q", &bob.user))).await.succeeds();
    world.does(&bob, set_quiet(&Quiet::default())).await.succeeds();
    world.does(&alice, invite(ring("s", &bob.user))).await.succeeds();
    let silence = |id| Command::Silence(invite_id(id));
    world.does(&bob, silence("s")).await.succeeds();
    // Made and silenced in one batch.
    let together = vec![(&alice, invite(ring("t", &bob.user))), (&bob, silence("t"))];
    for outcome in world.together(together).await {
        outcome.succeeds();
    }
    world.reopens().await;
    for id in ["q", "s", "t"] {
        let found = world.store().invitation(&invite_id(id)).await.unwrap().unwrap();
        assert_eq!(
            (found.quiet(), found.woken().count(), found.version),
            (vec![bob.user.clone()], 0, 1),
            "{id}"
        );
    }
    let page = world.store().events_after(&bob.user, 0, 100).await.unwrap();
    let quiet: Vec<bool> = page
        .events
        .iter()
        .filter(|event| event.body.starts_with(r#""type":"invitation.received""#))
        .map(|event| event.is_quiet)
        .collect();
    assert_eq!(quiet, [true, true, true]);
    let page = world.store().events_after(&alice.user, 0, 100).await.unwrap();
    assert!(page.events.iter().all(|event| !event.is_quiet), "the inviter is not told");
    world.does(&bob, accept("s")).await.succeeds();
    assert!(quiet_in(world, "s").await.is_empty());
}

pub(crate) async fn a_disabled_user_is_kept_until_they_are_enabled(world: &mut World) {
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    let nobody = crate::words::on_phone(&user("nobody"));
    assert_eq!(world.does(&nobody, Command::SetDisabled(true)).await.reason(), Reason::UnknownUser);
    let disabled = world.does(&bob, Command::SetDisabled(true)).await;
    let Reply::Done(done) = disabled.succeeds() else { panic!("{disabled:?}") };
    let since = done.time;
    assert!(disabled.events().is_empty(), "nobody hears of it");
    world.does(&bob, Command::SetDisabled(true)).await.succeeds();
    for _ in 0..2 {
        let known = world.store().known_user(&bob.user).await.unwrap().unwrap();
        assert_eq!(known.disabled_since, Some(since), "the first time counts");
        for (who, admission) in [(&bob, Admission::Disabled), (&alice, Admission::Welcome)] {
            assert_eq!(world.store().stream_bounds(&who.user).await.unwrap().unwrap().admission, admission);
        }
        assert_eq!(world.store().disabled_users(since).await.unwrap(), std::slice::from_ref(&bob.user));
        assert_eq!(world.store().disabled_users(since + 1).await.unwrap(), []);
        world.reopens().await;
    }
    // Others see no difference.
    world.does(&alice, send(text(to(&bob.user), "hello"))).await.succeeds();
    world.does(&alice, invite(ring("1", &bob.user))).await.succeeds();
    let both = vec![(&bob, Command::SetDisabled(false)), (&alice, Command::SetDisabled(true))];
    for outcome in world.together(both).await {
        outcome.succeeds();
    }
    world.reopens().await;
    let known = world.store().known_user(&bob.user).await.unwrap().unwrap();
    assert_eq!(known.disabled_since, None);
    assert_eq!(world.store().disabled_users(0).await.unwrap(), [alice.user]);
    assert_eq!(world.store().known_user(&user("nobody")).await.unwrap(), None);
}

pub(crate) async fn all_users_are_listed_page_by_page(world: &mut World) {
    let in_byte_order = ["-x", "Bob", "Zed", "_x", "bob", "z1"];
    for name in ["bob", "_x", "Zed", "z1", "-x", "Bob"] {
        world.joins(name).await;
    }
    world.does(&crate::words::on_phone(&user("Zed")), set_profile(Some("Z"), None, None)).await.succeeds();
    let all = world.store().known_users(None, 6).await.unwrap();
    assert!(all.complete);
    assert_eq!(all.rows[2].profile, profile(&user("Zed"), "Z", "", ""));
    let names = |rows: &[KnownUser]| rows.iter().map(|one| one.profile.user_id.clone()).collect::<Vec<_>>();
    assert_eq!(names(&all.rows), in_byte_order.map(user));
    let first = world.store().known_users(None, 5).await.unwrap();
    assert_eq!((names(&first.rows).as_slice(), first.complete), (&in_byte_order.map(user)[..5], false));
    let rest = world.store().known_users(Some(&user("bob")), 5).await.unwrap();
    assert_eq!((names(&rest.rows), rest.complete), (vec![user("z1")], true));
    let none = world.store().known_users(Some(&user("z1")), 5).await.unwrap();
    assert!(none.rows.is_empty() && none.complete);
}

/// A page has at most 128 KiB and one user more.
pub(crate) async fn a_page_of_users_who_say_much_ends_earlier(world: &mut World) {
    let ext = "x".repeat(4_000);
    for number in 0..40 {
        let one = world.joins(&format!("u{number:02}")).await;
        world.does(&one, set_profile(None, None, Some(&ext))).await.succeeds();
    }
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = world.store().known_users(after.as_ref(), 1_000).await.unwrap();
        after = page.rows.last().map(|last| last.profile.user_id.clone());
        pages.push(page.rows.len());
        if page.complete {
            break;
        }
    }
    assert_eq!((pages.len(), pages.iter().sum::<usize>()), (2, 40), "{pages:?}");
    assert!((31..=33).contains(&pages[0]), "{pages:?}");
}
