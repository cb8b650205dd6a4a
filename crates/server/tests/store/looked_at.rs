//! What is found in a user's stream is looked for in so many of its events. The last of them counts, and the one behind it is for the next
//! page.

use serde_json::Value;
use wigwag_engine::command::GroupNotice;
use wigwag_engine::{Actor, Command};
use wigwag_protocol::UserId;
use wigwag_protocol::rest::invitation::InvitationHistory;
use wigwag_protocol::result::News;
use wigwag_server::door::{Door, HistoryOf};
use wigwag_session::{Found, Query};

use crate::sqlite::Sqlite;
use crate::words::{create_group, group, invite, ring, send, text, to};
use crate::world::World;

/// Events of a stream that a page looks at.
const LOOKED_AT: u64 = 5_000;
/// Commands that wait at once: fewer than the store takes.
const AT_ONCE: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_looks_at_so_many_events_and_at_no_more() {
    let mut world = World::new(Box::new(Sqlite::new())).await;
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&bob, create_group(&team, &[&alice.user])).await.succeeds();
    chats(&mut world, &bob, &alice.user, LOOKED_AT - 2).await;
    for id in ["last", "behind"] {
        world.does(&bob, invite(ring(id, &alice.user))).await.succeeds();
    }
    for data in ["last", "behind"] {
        let notice = GroupNotice { group: team.clone(), data: data.to_owned(), to: None };
        world.does(&bob, Command::NotifyGroup(Box::new(notice))).await.succeeds();
    }
    let door = world.door();

    // Both invitations stand at the border of a page that begins with the stream, and both notices at that of one two events further.
    let page = began(&door, &alice.user, None).await;
    assert_eq!((names(&page), page.next), (vec!["last"], Some(LOOKED_AT)));
    let page = began(&door, &alice.user, page.next).await;
    assert_eq!((names(&page), page.next), (vec!["behind"], None));

    let page = news(&door, &alice.user, Some(2)).await;
    assert_eq!((told(&page), page.next), (vec!["last".to_owned()], Some(LOOKED_AT + 2)));
    let page = news(&door, &alice.user, page.next).await;
    assert_eq!((told(&page), page.next), (vec!["behind".to_owned()], None));
    world.closes().await;
}

async fn chats(world: &mut World, from: &Actor, with: &UserId, messages: u64) {
    let mut left = usize::try_from(messages).unwrap();
    while left > 0 {
        let some = left.min(AT_ONCE);
        let said = (0..some).map(|_| (from, send(text(to(with), ".")))).collect();
        for outcome in world.together(said).await {
            outcome.succeeds();
        }
        left -= some;
    }
}

async fn began(door: &Door, user: &UserId, after: Option<u64>) -> InvitationHistory {
    let which = HistoryOf { after, limit: 100, ..HistoryOf::default() };
    door.invitation_history(user, &which).await.unwrap()
}

fn names(page: &InvitationHistory) -> Vec<&str> {
    page.invitations.iter().map(|one| one.invite_id.as_str()).collect()
}

async fn news(door: &Door, user: &UserId, after: Option<u64>) -> News {
    let found = door.answer(user, Query::GroupNews { after, limit: 100 }).await.unwrap();
    let Found::GroupNews(page) = found else { panic!("{found:?}") };
    page
}

/// What the notices on a page say.
fn told(page: &News) -> Vec<String> {
    let event = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    page.events.iter().map(|one| event(one.get())["data"].as_str().unwrap().to_owned()).collect()
}
