//! Lists of conversations: what is unread, what is shown, who has read.

use wigwag_engine::command::SendMessage;
use wigwag_engine::{Actor, Command, ConversationId};
use wigwag_protocol::message::MessageOptions;
use wigwag_server::store::{ConversationPage, ConversationPlace, PageRange, ReaderRange};

use crate::words::{accept, create_group, group, invite, mark_read, revoke, ring, send, text, to, to_group};
use crate::world::World;

async fn listed(
    world: &World,
    actor: &Actor,
    after: Option<&ConversationPlace>,
    limit: usize,
) -> ConversationPage {
    let page = PageRange { after: after.cloned(), limit };
    world.store().conversations(&actor.user, page).await.unwrap()
}

/// `last_seq`, `read_seq`, `peer_read_seq`, `unread` of the only conversation.
async fn numbers(world: &World, actor: &Actor) -> (u64, u64, Option<u64>, u64) {
    let page = listed(world, actor, None, 10).await;
    let [row] = page.rows.as_slice() else { panic!("{page:?}") };
    assert_eq!(page.total_unread, row.unread);
    (row.last_seq, row.read_seq, row.peer_read_seq, row.unread)
}

fn last_words(page: &ConversationPage) -> Vec<Option<String>> {
    let words = |content: &serde_json::value::RawValue| {
        let content: serde_json::Value = serde_json::from_str(content.get()).unwrap();
        content["text"].as_str().unwrap_or_default().to_owned()
    };
    page.rows.iter().map(|row| row.last_message.as_ref().map(|message| words(&message.content))).collect()
}

pub(crate) async fn unread_messages_are_counted_until_read(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to(&bob.user), words))).await.succeeds();
    }
    world.does(&bob, send(text(to(&alice.user), "four"))).await.succeeds();
    for _ in 0..2 {
        assert_eq!(numbers(world, &alice).await, (4, 0, Some(0), 1));
        assert_eq!(numbers(world, &bob).await, (4, 0, Some(0), 3), "his own message is not unread");
        world.reopens().await;
    }
    world.does(&bob, mark_read(to(&alice.user), 2)).await.succeeds();
    let back = world.does(&bob, mark_read(to(&alice.user), 1)).await;
    assert!(back.events().is_empty(), "what is read stays read");
    for _ in 0..2 {
        assert_eq!(numbers(world, &bob).await, (4, 2, Some(0), 1));
        assert_eq!(numbers(world, &alice).await, (4, 0, Some(2), 1));
        world.reopens().await;
    }
    world.does(&alice, mark_read(to(&bob.user), 1_000)).await.succeeds();
    assert_eq!(numbers(world, &alice).await, (4, 4, Some(2), 0), "nothing after the last can be read");
    world.does(&bob, send(text(to(&alice.user), "five"))).await.succeeds();
    assert_eq!(numbers(world, &alice).await, (5, 4, Some(2), 1));
}

pub(crate) async fn what_is_excluded_is_not_counted_or_shown(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let excluded = |words, excluded_from_unread, excluded_from_last_message| {
        let options =
            MessageOptions { excluded_from_unread, excluded_from_last_message, ..MessageOptions::default() };
        send(SendMessage { options, ..text(to(&bob.user), words) })
    };
    world.does(&alice, excluded("hidden", false, true)).await.succeeds();
    assert_eq!(last_words(&listed(world, &bob, None, 9).await), [None], "nothing may be shown");
    world.does(&alice, excluded("plain", false, false)).await.succeeds();
    world.does(&alice, excluded("silent", true, false)).await.succeeds();
    world.does(&alice, excluded("neither", true, true)).await.succeeds();
    for _ in 0..2 {
        assert_eq!(numbers(world, &bob).await, (4, 0, Some(0), 2));
        assert_eq!(last_words(&listed(world, &bob, None, 9).await), [Some("silent".to_owned())]);
        world.reopens().await;
    }
    world.does(&alice, revoke(to(&bob.user), 3)).await.succeeds();
    let page = listed(world, &bob, None, 9).await;
    let last = page.rows[0].last_message.as_ref().unwrap();
    assert!((last.seq, last.revoked) == (Some(3), true), "that it was taken back is shown");
}

/// However much was said, a line of a list costs so many messages: others decide how much that is.
pub(crate) async fn a_list_looks_back_a_thousand_messages(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&bob, create_group(&team, &[&alice.user])).await.succeeds();
    let both = [to(&alice.user), to_group(&team)];
    let hidden = |peer| {
        let options = MessageOptions { excluded_from_last_message: true, ..MessageOptions::default() };
        send(SendMessage { options, ..text(peer, "hidden") })
    };
    for peer in &both {
        world.does(&bob, send(text(peer.clone(), "shown"))).await.succeeds();
        for outcome in world.together((1..1_000).map(|_| (&bob, hidden(peer.clone()))).collect()).await {
            outcome.succeeds();
        }
    }
    let shown = Some("shown".to_owned());
    let unread = async |world: &World, actor| {
        let page = listed(world, actor, None, 9).await;
        let each: Vec<_> = page.rows.iter().map(|row| (row.last_seq, row.unread)).collect();
        assert_eq!(page.total_unread, each.iter().map(|(_, unread)| unread).sum::<u64>());
        (each, last_words(&page))
    };
    for _ in 0..2 {
        let all = (vec![(1_000, 1_000); 2], vec![shown.clone(), shown.clone()]);
        assert_eq!(unread(world, &alice).await, all);
        world.reopens().await;
    }
    for peer in &both {
        world.does(&bob, hidden(peer.clone())).await.succeeds();
    }
    for _ in 0..2 {
        // The group's are counted anew for each page; one-to-one they are kept.
        assert_eq!(unread(world, &alice).await, (vec![(1_001, 1_000), (1_001, 1_001)], vec![None, None]));
        world.reopens().await;
    }
    world.does(&alice, mark_read(to_group(&team), 1)).await.succeeds();
    assert_eq!(unread(world, &alice).await.0[0], (1_001, 1_000));
    world.does(&alice, mark_read(to_group(&team), 2)).await.succeeds();
    assert_eq!(unread(world, &alice).await.0[0], (1_001, 999));
    world.does(&bob, send(text(to_group(&team), "shown"))).await.succeeds();
    assert_eq!(unread(world, &alice).await, (vec![(1_002, 1_000), (1_001, 1_001)], vec![shown, None]));
}

pub(crate) async fn conversations_are_listed_newest_first_in_pages(world: &mut World) {
    let alice = world.joins("alice").await;
    let mut others = Vec::new();
    for number in 1..=5 {
        let other = world.joins(&format!("user{number}")).await;
        world.does(&other, send(text(to(&alice.user), &number.to_string()))).await.succeeds();
        others.push(other);
    }
    // The second talks again, and the fourth rings: both move to the front.
    world.does(&alice, send(text(to(&others[1].user), "again"))).await.succeeds();
    world.does(&others[3], invite(ring("i", &alice.user))).await.succeeds();
    world.does(&alice, accept("i")).await.succeeds();
    let order: Vec<ConversationId> = [3, 1, 4, 2, 0]
        .map(|place: usize| ConversationId::between(&alice.user, &others[place].user))
        .to_vec();
    for _ in 0..2 {
        let mut seen = Vec::new();
        let mut after = None;
        for length in [2, 2, 1] {
            let page = listed(world, &alice, after.as_ref(), 2).await;
            assert_eq!((page.rows.len(), page.total_unread), (length, 6), "the total is of all pages");
            seen.extend(page.rows.into_iter().map(|row| row.conversation));
            after = page.next;
        }
        assert_eq!((seen, after), (order.clone(), None));
        let all = listed(world, &alice, None, 5).await;
        assert_eq!((all.rows.len(), all.next), (5, None), "a full page may be the last");
        world.reopens().await;
    }
    assert_eq!(listed(world, &others[0], None, 5).await.rows.len(), 1);
}

pub(crate) async fn readers_are_those_who_read_so_far(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to_group(&team), words))).await.succeeds();
    }
    world.does(&carol, mark_read(to_group(&team), 3)).await.succeeds();
    world.does(&bob, mark_read(to_group(&team), 2)).await.succeeds();
    let conversation = ConversationId::Group(team);
    for _ in 0..2 {
        let readers = async |seq| world.readers(&conversation, seq).await;
        assert_eq!(readers(1).await, [bob.user.clone(), carol.user.clone()]);
        assert_eq!(readers(3).await, std::slice::from_ref(&carol.user));
        assert!(readers(4).await.is_empty());
        let page = async |seq, sender: &Actor, after, limit| {
            let (conversation, sender) = (conversation.clone(), sender.user.clone());
            let range = ReaderRange { conversation, seq, sender, after, limit };
            let page = world.store().readers(range).await.unwrap();
            (page.readers.rows, page.readers.complete, page.unread)
        };
        assert_eq!(page(2, &alice, None, 1).await, (vec![bob.user.clone()], false, 0));
        assert_eq!(page(2, &alice, Some(bob.user.clone()), 1).await, (vec![carol.user.clone()], true, 0));
        assert_eq!(page(3, &alice, None, 5).await, (vec![carol.user.clone()], true, 1), "bob has not");
        assert_eq!(page(3, &carol, None, 5).await, (Vec::new(), true, 2), "a sender is none of them");
        world.reopens().await;
    }
}

pub(crate) async fn a_group_is_a_conversation_of_its_members(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    for _ in 0..2 {
        assert_eq!(numbers(world, &bob).await, (0, 0, None, 0), "it is listed before anybody speaks");
        world.reopens().await;
    }
    world.does(&alice, send(text(to_group(&team), "one"))).await.succeeds();
    world.does(&bob, send(text(to_group(&team), "two"))).await.succeeds();
    world.does(&alice, mark_read(to_group(&team), 2)).await.succeeds();
    for _ in 0..2 {
        assert_eq!(numbers(world, &alice).await, (2, 2, None, 0));
        assert_eq!(numbers(world, &bob).await, (2, 0, None, 1));
        let page = listed(world, &bob, None, 1).await;
        assert_eq!(page.rows[0].conversation, ConversationId::Group(team.clone()));
        assert_eq!(last_words(&page), [Some("two".to_owned())]);
        world.reopens().await;
    }
    world.does(&bob, Command::QuitGroup(team.clone())).await.succeeds();
    let left = world.store().conversation(&bob.user, &ConversationId::Group(team)).await.unwrap();
    assert!(left.is_none(), "{left:?}");
}
