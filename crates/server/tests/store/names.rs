//! Names and texts that are legal and strange: none may be taken for syntax, cut, folded or changed.

use wigwag_engine::command::{Invite, SendMessage};
use wigwag_engine::{Actor, Command, ConversationId};
use wigwag_protocol::message::MessageOptions;
use wigwag_protocol::{GroupId, InviteId, UserId};

use crate::words::{
    accept, create_group, group, invite, invite_id, json, mark_read, modify, ring, ring_members, send,
    set_profile, text, to, to_group, user,
};
use crate::world::World;

/// Printable ASCII from `first` on.
fn letters(first: char, count: usize) -> String {
    (first..='~').take(count).collect()
}

pub(crate) async fn any_legal_name_is_a_name(world: &mut World) {
    // Together these two have every character a userID may have: quotes, backslash, percent, and so on.
    let alice = world.joins(&letters('!', UserId::LONGEST)).await;
    let bob = world.joins(&letters('?', UserId::LONGEST)).await;
    let team = group(&letters('!', GroupId::LONGEST));
    let id = format!(" {}{}", letters(' ', 95), "'; DROP TABLE users; --  %_\\  ");
    let id = format!("{id:<width$}", width = InviteId::LONGEST);
    assert_eq!(id.len(), InviteId::LONGEST);

    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    world.does(&alice, invite(ring_members(&id, &team, &[&bob.user]))).await.succeeds();
    world.does(&alice, Command::SetBlock(bob.user.clone(), true)).await.succeeds();
    world.does(&alice, send(text(to_group(&team), "hi"))).await.succeeds();
    world.does(&alice, send(text(to(&bob.user), "hi"))).await.succeeds();
    world.does(&bob, mark_read(to_group(&team), 2)).await.succeeds();
    for _ in 0..2 {
        assert_eq!(world.open_for(&bob).await, [invite_id(&id)]);
        assert_eq!(world.due().await, [invite_id(&id)]);
        assert_eq!(
            world.store().blocked_by(&alice.user, None, 100).await.unwrap().rows,
            std::slice::from_ref(&bob.user)
        );
        assert_eq!(world.store().groups_of(&bob.user, None, 100).await.unwrap().rows[0].group_id, team);
        let readers = world.readers(&ConversationId::Group(team.clone()), 2).await;
        assert_eq!(readers, std::slice::from_ref(&bob.user));
        let page = wigwag_server::store::PageRange { after: None, limit: 5 };
        let page = world.store().conversations(&bob.user, page).await.unwrap();
        let names = [ConversationId::between(&alice.user, &bob.user), ConversationId::Group(team.clone())];
        assert!(page.rows.iter().map(|row| &row.conversation).eq(&names));
        world.reopens().await;
    }
    world.does(&bob, accept(&id)).await.succeeds();
    assert!(!world.invitation(&id).await.is_open());
}

pub(crate) async fn names_that_differ_in_case_are_different(world: &mut World) {
    let [lower, upper] = [world.joins("alice").await, world.joins("Alice").await];
    for (actor, id) in [(&lower, "i"), (&upper, "I"), (&lower, "i "), (&upper, " i")] {
        let other = if actor.user == lower.user { &upper } else { &lower };
        world.does(actor, invite(ring(id, &other.user))).await.succeeds();
    }
    for (actor, name) in [(&lower, "team"), (&upper, "Team")] {
        world.does(actor, create_group(&group(name), &[])).await.succeeds();
    }
    world.does(&upper, accept("i")).await.succeeds();
    for _ in 0..2 {
        assert_eq!(world.due().await, [" i", "I", "i "].map(invite_id));
        let owner = world.group(&group("Team")).await.unwrap().owner().cloned();
        assert_eq!(owner, Some(upper.user.clone()));
        assert_eq!(world.store().groups_of(&lower.user, None, 100).await.unwrap().rows.len(), 1);
        assert_eq!(world.store().profiles(&[user("ALICE")]).await.unwrap().len(), 0);
        world.reopens().await;
    }
}

pub(crate) async fn any_text_is_kept_byte_by_byte(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let odd =
        "\"'\\/%_$1 {} \u{1f4de}\u{200d}\u{1f525} e\u{301} \u{202e} \r\n\t\u{1} \u{7f} \u{feff} \u{fffd} ";
    let long = odd.repeat(16 * 1024 / odd.len());
    are_kept(world, [&alice, &bob], &long).await;
    let name = &long[..long.floor_char_boundary(100)];
    shown_names_are_kept(world, &alice, name).await;
}

pub(crate) async fn a_nul_is_a_character_like_others(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    are_kept(world, [&alice, &bob], "\0a\0").await;
    shown_names_are_kept(world, &alice, "a\0b").await;
}

/// As payloads of invitations and messages.
async fn are_kept(world: &mut World, [alice, bob]: [&Actor; 2], words: &str) {
    let wish =
        Invite { data: words.to_owned(), offline_push_info: Some(words.to_owned()), ..ring("i", &bob.user) };
    let half = &words[..words.ceil_char_boundary(words.len() / 2)];
    world.does(alice, invite(wish.clone())).await.succeeds();
    world.does(alice, modify("i", half)).await.succeeds();
    let key: String = words.chars().take(30).collect();
    let message = SendMessage {
        client_msg_id: Some(key.clone()),
        kind: words.chars().take(8).collect(),
        content: json(&serde_json::json!({ half: 1 })),
        options: MessageOptions { cloud_custom_data: words.to_owned(), ..MessageOptions::default() },
        ..text(to(&bob.user), "")
    };
    let sent = world.does(alice, send(message.clone())).await;
    for _ in 0..2 {
        let kept = world.invitation("i").await;
        assert_eq!((kept.data.as_str(), kept.first_data.as_deref()), (half, Some(words)));
        assert_eq!(kept.offline_push_info.as_deref(), Some(words));
        let history = world.history(&ConversationId::between(&alice.user, &bob.user)).await;
        let kept = history.last().unwrap();
        assert_eq!((kept.client_msg_id.as_ref(), &kept.kind), (Some(&key), &message.kind));
        assert_eq!(kept.content.get(), message.content.get());
        assert_eq!(kept.options.cloud_custom_data, words);
        let again = world.does(alice, send(message.clone())).await;
        assert_eq!(again.reply_text(), sent.reply_text());
        let again = world.does(alice, invite(wish.clone())).await;
        assert_eq!(again.acted().version, 1);
        world.reopens().await;
    }
}

/// As what is shown of users and groups.
async fn shown_names_are_kept(world: &mut World, alice: &Actor, words: &str) {
    let team = group("team");
    world.does(alice, set_profile(Some(words), Some(words), Some(words))).await.succeeds();
    world.does(alice, create_group(&team, &[])).await.succeeds();
    let described = Command::SetGroupInfo {
        group: team.clone(),
        name: Some(words.to_owned()),
        ext: Some(words.to_owned()),
        join_policy: None,
    };
    world.does(alice, described).await.succeeds();
    for _ in 0..2 {
        let [profile] =
            world.store().profiles(std::slice::from_ref(&alice.user)).await.unwrap().try_into().unwrap();
        assert_eq!([profile.nickname, profile.face_url, profile.ext], [words; 3]);
        let kept = world.group(&team).await.unwrap();
        assert_eq!([kept.name, kept.ext], [words; 2]);
        world.reopens().await;
    }
}
