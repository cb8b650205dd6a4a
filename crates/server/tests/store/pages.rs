//! Pages: each goes on where the one before ended, and ends by its bytes as well as by its rows.

use std::sync::Arc;

use wigwag_engine::command::{Invite, Invited};
use wigwag_engine::{Actor, Command, ConversationId, Invitation, Limits};
use wigwag_protocol::frame::TO_CLIENT_BYTES;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::params::Direction;
use wigwag_server::store::{HistoryRange, OpenPage, OpenPlace, OpenRange, PageRange};

use crate::words::{
    cancel, create_group, group, invite, invite_id, ring, ring_members, send, text, to, user,
};
use crate::world::World;

/// A long text, the longest there is: eight of them fill a page, so that seventeen are three.
const LONG: usize = 16 * 1024;
/// What stands around the text of a message in its content.
const AROUND: usize = r#"{"text":""}"#.len();
/// The longest page: half a frame, and the row that fills it.
const LONGEST_PAGE: usize = TO_CLIENT_BYTES / 2 + LONG;

async fn page(world: &World, actor: &Actor, range: OpenRange) -> OpenPage {
    world.store().open_invitations(&actor.user, range).await.unwrap()
}

fn names(invitations: &[Arc<Invitation>]) -> Vec<&str> {
    invitations.iter().map(|one| one.id.as_str()).collect()
}

pub(crate) async fn open_invitations_are_listed_oldest_first_in_pages(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for id in ["z", "y", "x", "w", "v"] {
        world.does(&alice, invite(ring(id, &bob.user))).await.succeeds();
        // Those of one millisecond stand in the order of their names once they were moved to another store.
        world.until_the_next_millisecond().await;
    }
    for _ in 0..2 {
        let first = page(world, &bob, OpenRange { after: None, limit: 2 }).await;
        assert_eq!(names(&first.invitations), ["z", "y"]);
        let second = page(world, &bob, OpenRange { after: first.next, limit: 2 }).await;
        assert_eq!(names(&second.invitations), ["x", "w"]);
        let last = page(world, &bob, OpenRange { after: second.next, limit: 2 }).await;
        assert_eq!((names(&last.invitations), last.next), (vec!["v"], None));
        let all = page(world, &bob, OpenRange { after: None, limit: 5 }).await;
        assert_eq!((all.invitations.len(), all.next), (5, None), "a page that is just full is the last");
        world.reopens().await;
    }
}

pub(crate) async fn a_page_goes_on_after_an_invitation_that_has_ended(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for id in ["a", "b", "c"] {
        world.does(&alice, invite(ring(id, &bob.user))).await.succeeds();
    }
    let first = page(world, &bob, OpenRange { after: None, limit: 2 }).await;
    let next = first.next.unwrap();
    assert_eq!(next.id, invite_id("b"));
    world.does(&alice, cancel("b")).await.succeeds();
    let rest = page(world, &bob, OpenRange { after: Some(next.clone()), limit: 2 }).await;
    assert_eq!((names(&rest.invitations), rest.next), (vec!["c"], None));
    // A place whose invitation is not kept any more is as good. Its name comes before "c", which may be of the same millisecond and must not
    // be left out.
    let gone = OpenPlace { id: invite_id("b-is-gone"), ..next };
    let rest = page(world, &bob, OpenRange { after: Some(gone), limit: 2 }).await;
    assert!(names(&rest.invitations).ends_with(&["c"]), "{rest:?}");
}

pub(crate) async fn what_a_member_is_not_told_takes_no_room(world: &mut World) {
    let people = [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let [alice, bob, carol] = &people;
    let team = group("team");
    world.does(alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    for id in ["told-1", "told-2", "told-3"] {
        world.does(alice, invite(ring_members(id, &team, &[&bob.user]))).await.succeeds();
        let quiet = Invited::Members {
            group: team.clone(),
            invitees: vec![bob.user.clone()],
            notify: Notify::Parties,
        };
        let quiet = Invite { invited: quiet, ..ring(&format!("un{id}"), &bob.user) };
        world.does(alice, invite(quiet)).await.succeeds();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = page(world, carol, OpenRange { after, limit: 2 }).await;
        assert!(page.invitations.len() <= 2);
        seen.extend(page.invitations.iter().map(|one| one.id.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["told-1", "told-2", "told-3"]);
}

/// What others do in a group and do not tell its members does not make their sign-in costly.
pub(crate) async fn a_page_looks_at_so_many_open_invitations(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let limits = Limits {
        open_invitations: 1_000,
        group_open_invitations: 1_000,
        pair_open_invitations: 1_000,
        invitee_open_invitations: 1_000,
        ..Limits::default()
    };
    world.reopens_with(limits).await;
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    let quiet = |number: usize| {
        let (group, invitees) = (team.clone(), vec![bob.user.clone()]);
        let invited = Invited::Members { group, invitees, notify: Notify::Parties };
        invite(Invite { invited, ..ring(&format!("quiet-{number}"), &bob.user) })
    };
    for outcome in world.together((0..600).map(|number| (&alice, quiet(number))).collect()).await {
        outcome.succeeds();
    }
    world.does(&alice, invite(ring_members("told", &team, &[&bob.user]))).await.succeeds();
    let first = page(world, &carol, OpenRange { after: None, limit: 100 }).await;
    let (mut after, mut seen) = (first.next, names(&first.invitations).len());
    assert!(after.is_some() && seen == 0, "a page that looks at all of them");
    while after.is_some() {
        let page = page(world, &carol, OpenRange { after, limit: 100 }).await;
        seen += page.invitations.len();
        after = page.next;
    }
    assert_eq!(seen, 1);
}

pub(crate) async fn a_page_of_open_invitations_ends_by_its_bytes(world: &mut World) {
    let victim = world.joins("victim").await;
    let mut made = Vec::new();
    for number in 0..17 {
        let inviter = world.joins(&format!("inviter-{number}")).await;
        let id = format!("i-{number:02}");
        let wish = Invite { data: "x".repeat(LONG), ..ring(&id, &victim.user) };
        world.does(&inviter, invite(wish)).await.succeeds();
        made.push(id);
    }
    for _ in 0..2 {
        let (mut seen, mut range, mut pages) = (Vec::new(), OpenRange::first(), 0);
        loop {
            let page = page(world, &victim, range).await;
            let bytes: usize = page.invitations.iter().map(|one| one.data.len()).sum();
            assert!(bytes <= LONGEST_PAGE, "{bytes} bytes");
            seen.extend(page.invitations.iter().map(|one| one.id.to_string()));
            pages += 1;
            let Some(next) = page.next else { break };
            range = OpenRange { after: Some(next), limit: 100 };
        }
        assert_eq!((&seen, pages), (&made, 3));
        world.reopens().await;
    }
}

pub(crate) async fn history_and_streams_end_by_their_bytes(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for _ in 0..17 {
        world.does(&alice, send(text(to(&bob.user), &"x".repeat(LONG - AROUND)))).await.succeeds();
    }
    let conversation = ConversationId::between(&alice.user, &bob.user);
    for _ in 0..2 {
        for direction in [Direction::Older, Direction::Newer] {
            let (mut seen, mut from_seq, mut pages) = (0, None, 0);
            loop {
                let range =
                    HistoryRange { conversation: conversation.clone(), from_seq, direction, limit: 100 };
                let page = world.store().history(range).await.unwrap();
                let bytes: usize = page.messages.iter().map(|one| one.content.get().len()).sum();
                assert!(bytes <= LONGEST_PAGE, "{bytes} bytes");
                (seen, pages) = (seen + page.messages.len(), pages + 1);
                if page.complete {
                    break;
                }
                let last = page.messages.last().and_then(|one| one.seq).unwrap();
                from_seq = Some(if direction == Direction::Older { last - 1 } else { last + 1 });
            }
            assert_eq!((seen, pages), (17, 3), "{direction:?}");
        }
        let (mut cursor, mut pages) = (0, 0);
        loop {
            let page = world.store().events_after(&bob.user, cursor, 200).await.unwrap();
            assert!(page.events.iter().map(|event| event.body.len()).sum::<usize>() <= LONGEST_PAGE);
            assert_eq!(page.events.first().map(|event| event.cursor), Some(cursor + 1));
            (cursor, pages) = (page.through, pages + 1);
            if page.complete {
                break;
            }
        }
        assert_eq!((cursor, pages), (17, 3));
        world.reopens().await;
    }
}

pub(crate) async fn conversations_end_by_the_bytes_of_their_last_messages(world: &mut World) {
    let bob = world.joins("bob").await;
    for number in 0..17 {
        let other = world.joins(&format!("other-{number:02}")).await;
        world.does(&other, send(text(to(&bob.user), &"x".repeat(LONG - AROUND)))).await.succeeds();
    }
    for _ in 0..2 {
        let (mut seen, mut after, mut pages) = (0, None, 0);
        loop {
            let page = PageRange { after, limit: 100 };
            let page = world.store().conversations(&bob.user, page).await.unwrap();
            assert_eq!(page.total_unread, 17);
            assert!(page.rows.iter().all(|row| row.last_message.is_some()));
            (seen, pages, after) = (seen + page.rows.len(), pages + 1, page.next);
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen, pages), (17, 3));
        world.reopens().await;
    }
}

pub(crate) async fn groups_and_blocks_are_listed_in_pages(world: &mut World) {
    let alice = world.joins("alice").await;
    for name in ["b", "c", "a"] {
        world.joins(name).await;
        world.does(&alice, create_group(&group(name), &[])).await.succeeds();
        world.does(&alice, Command::SetBlock(user(name), true)).await.succeeds();
    }
    for _ in 0..2 {
        let store = world.store();
        let first = store.groups_of(&alice.user, None, 2).await.unwrap();
        assert_eq!(first.rows.iter().map(|one| one.group_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(!first.complete);
        let last = store.groups_of(&alice.user, Some(&group("b")), 2).await.unwrap();
        assert_eq!(last.rows.iter().map(|one| one.group_id.as_str()).collect::<Vec<_>>(), ["c"]);
        assert!(last.complete);
        let first = store.blocked_by(&alice.user, None, 2).await.unwrap();
        assert_eq!((first.rows, first.complete), (vec![user("a"), user("b")], false));
        let last = store.blocked_by(&alice.user, Some(&user("b")), 2).await.unwrap();
        assert_eq!((last.rows, last.complete), (vec![user("c")], true));
        let all = store.blocked_by(&alice.user, None, 3).await.unwrap();
        assert!(all.complete && all.rows.len() == 3, "a page that is just full is the last");
        world.reopens().await;
    }
}
