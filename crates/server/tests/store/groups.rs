//! Groups and their members.

use wigwag_engine::group::Relation;
use wigwag_engine::{Actor, Command, ConversationId, Group, Limits};
use wigwag_protocol::group::{JoinPolicy, Role};
use wigwag_protocol::params::Direction;
use wigwag_protocol::{GroupId, Reason, UserId};
use wigwag_server::store::{ConversationRow, HistoryRange, PageRange};

use crate::words::{create_group, group, mark_read, revoke, send, text, to_group, user};
use crate::world::{World, reason_of};

async fn found(world: &World, id: &GroupId) -> Group {
    world.group(id).await.unwrap()
}

async fn names_of_groups(world: &World, actor: &Actor) -> Vec<GroupId> {
    let mut names: Vec<GroupId> = world
        .store()
        .groups_of(&actor.user, None, 100)
        .await
        .unwrap()
        .rows
        .into_iter()
        .map(|group| group.group_id)
        .collect();
    names.sort();
    names
}

async fn row_of(world: &World, actor: &Actor, id: &GroupId) -> Option<ConversationRow> {
    let page = PageRange { after: None, limit: 100 };
    let page = world.store().conversations(&actor.user, page).await.unwrap();
    page.rows.into_iter().find(|row| row.conversation == ConversationId::Group(id.clone()))
}

pub(crate) async fn a_group_is_found_by_its_members(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let [team, club] = ["team", "Club"].map(group);
    let made = world.does(&alice, create_group(&team, &[&bob.user, &user("stranger")])).await;
    made.succeeds();
    world.does(&bob, create_group(&club, &[&alice.user])).await.succeeds();
    for _ in 0..2 {
        let kept = found(world, &team).await;
        let text = (kept.name.as_str(), kept.ext.as_str(), kept.join_policy);
        assert_eq!(text, ("team people", "{}", JoinPolicy::Free));
        assert_eq!(kept.created_at, made.events()[0].time);
        let members: Vec<(&UserId, Role, u64)> =
            kept.members.iter().map(|(user, member)| (user, member.role, member.joined_at)).collect();
        let at = kept.created_at;
        assert_eq!(members, [(&alice.user, Role::Owner, at), (&bob.user, Role::Member, at)]);
        assert_eq!(names_of_groups(world, &alice).await, [club.clone(), team.clone()]);
        assert!(names_of_groups(world, &carol).await.is_empty());
        let listed = world.store().groups_of(&bob.user, None, 100).await.unwrap().rows;
        assert!(listed.contains(&kept.view().unwrap()), "the same group by either way");
        world.reopens().await;
    }
    assert_eq!(world.does(&carol, create_group(&team, &[])).await.reason(), Reason::GroupIdTaken);
}

pub(crate) async fn all_groups_are_listed_page_by_page(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for (owner, name) in [(&bob, "club"), (&alice, "Zoo"), (&alice, "-x"), (&bob, "team")] {
        world.does(owner, create_group(&group(name), &[])).await.succeeds();
    }
    let listed = async |after: Option<&str>, limit| {
        let page = world.store().all_groups(after.map(group).as_ref(), limit).await.unwrap();
        let names: Vec<String> = page.rows.iter().map(|one| one.group_id.to_string()).collect();
        (names, page.complete)
    };
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(listed(None, 4).await, (names(&["-x", "Zoo", "club", "team"]), true));
    assert_eq!(listed(None, 3).await, (names(&["-x", "Zoo", "club"]), false));
    assert_eq!(listed(Some("club"), 3).await, (names(&["team"]), true));
    assert_eq!(listed(Some("team"), 3).await, (names(&[]), true));
}

/// Whoever reads is looked up by themselves, and of members those that are asked for.
pub(crate) async fn what_a_user_is_to_a_group_is_found(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    let admin = Command::SetRole { group: team.clone(), user: bob.user.clone(), role: Role::Admin };
    world.does(&alice, admin).await.succeeds();
    for _ in 0..2 {
        for (who, role) in [(&alice, Some(Role::Owner)), (&bob, Some(Role::Admin)), (&carol, None)] {
            let relation = world.store().relation(&team, &who.user).await.unwrap();
            assert_eq!(relation, Some(Relation { join_policy: JoinPolicy::Free, role }), "{}", who.user);
        }
        assert_eq!(world.store().relation(&team, &user("nobody")).await.unwrap().unwrap().role, None);
        assert_eq!(world.store().relation(&group("none"), &alice.user).await.unwrap(), None);
        let named = [&carol, &bob, &alice, &bob].map(|actor| actor.user.clone());
        let found = world.store().members_named(&team, &named).await.unwrap();
        let roles: Vec<(&str, Role)> = found.iter().map(|one| (one.user_id.as_str(), one.role)).collect();
        assert_eq!(roles, [("alice", Role::Owner), ("bob", Role::Admin)]);
        assert!(world.store().members_named(&group("none"), &named).await.unwrap().is_empty());
        assert!(world.store().members(&group("none"), None, 5).await.unwrap().complete);
        assert_eq!(world.store().group(&team).await.unwrap().unwrap().member_count, 2);
        world.reopens().await;
    }
}

pub(crate) async fn a_group_is_described_anew(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[])).await.succeeds();
    let described = |name: Option<&str>, ext: Option<&str>, join_policy| Command::SetGroupInfo {
        group: team.clone(),
        name: name.map(str::to_owned),
        ext: ext.map(str::to_owned),
        join_policy,
    };
    world.does(&alice, described(Some("crew"), None, None)).await.succeeds();
    world.does(&alice, described(None, Some("[1]"), Some(JoinPolicy::InviteOnly))).await.succeeds();
    for _ in 0..2 {
        let kept = found(world, &team).await;
        let text = (kept.name.as_str(), kept.ext.as_str(), kept.join_policy);
        assert_eq!(text, ("crew", "[1]", JoinPolicy::InviteOnly));
        assert_eq!(world.does(&bob, Command::JoinGroup(team.clone())).await.reason(), Reason::UnknownGroup);
        world.reopens().await;
    }
    world.does(&alice, described(None, None, Some(JoinPolicy::Free))).await.succeeds();
    world.does(&bob, Command::JoinGroup(team.clone())).await.succeeds();
}

pub(crate) async fn members_come_and_go(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[])).await.succeeds();
    let joined = world.does(&bob, Command::JoinGroup(team.clone())).await;
    world.does(&bob, Command::AddMembers(team.clone(), vec![carol.user.clone()])).await.succeeds();
    world.reopens().await;
    let kept = found(world, &team).await;
    assert_eq!(kept.members.len(), 3);
    assert_eq!(kept.members[&bob.user].joined_at, joined.events()[0].time);
    assert_eq!(names_of_groups(world, &carol).await, std::slice::from_ref(&team));

    world.does(&carol, Command::QuitGroup(team.clone())).await.succeeds();
    world.does(&alice, Command::RemoveMembers(team.clone(), vec![bob.user.clone()])).await.succeeds();
    for _ in 0..2 {
        assert_eq!(found(world, &team).await.members.len(), 1);
        for gone in [&bob, &carol] {
            assert!(names_of_groups(world, gone).await.is_empty());
            assert!(row_of(world, gone, &team).await.is_none(), "nor is it in his list of conversations");
        }
        world.reopens().await;
    }
    let lost = world.does(&bob, send(text(to_group(&team), "hello?"))).await;
    assert_eq!(lost.reason(), Reason::NotMember);
    assert_eq!(world.stream(&carol.user).await.len(), 2, "added, and gone; nothing of what came after");
    let added = world.does(&alice, Command::AddMembers(team.clone(), vec![carol.user.clone()])).await;
    assert_eq!(added.reason(), Reason::HasLeft, "that she left is kept");
    world.does(&carol, Command::JoinGroup(team.clone())).await.succeeds();
    assert!(row_of(world, &carol, &team).await.is_some());
    world.does(&alice, Command::RemoveMembers(team.clone(), vec![carol.user.clone()])).await.succeeds();
    world.reopens().await;
    world.does(&alice, Command::AddMembers(team.clone(), vec![carol.user.clone()])).await.succeeds();

    // In one batch, and with a group of the same name after it.
    let outcomes = world
        .together(vec![
            (&carol, Command::QuitGroup(team.clone())),
            (&alice, Command::AddMembers(team.clone(), vec![carol.user.clone()])),
            (&alice, Command::DismissGroup(team.clone())),
            (&alice, create_group(&team, &[])),
            (&alice, Command::AddMembers(team.clone(), vec![carol.user.clone()])),
        ])
        .await;
    let reasons: Vec<Option<Reason>> =
        outcomes.iter().map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    assert_eq!(reasons, [None, Some(Reason::HasLeft), None, None, None]);
}

pub(crate) async fn the_limit_of_a_users_groups_holds(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.reopens_with(Limits { user_groups: 3, ..Limits::default() }).await;
    let [one, two, three, four] = ["one", "two", "three", "four"].map(group);
    // One batch has the commands that come up to the limit and the one beyond it.
    let outcomes = world
        .together(vec![
            (&alice, create_group(&one, &[])),
            (&bob, create_group(&two, &[&alice.user])),
            (&bob, create_group(&three, &[])),
            (&bob, Command::AddMembers(three.clone(), vec![alice.user.clone()])),
            (&alice, create_group(&four, &[])),
        ])
        .await;
    let (last, before) = outcomes.split_last().unwrap();
    for outcome in before {
        outcome.succeeds();
    }
    assert_eq!(last.reason(), Reason::TooManyGroups);
    world.reopens().await;
    assert_eq!(world.does(&alice, create_group(&four, &[])).await.reason(), Reason::TooManyGroups);
    for gone in [
        (&alice, Command::QuitGroup(three.clone())),
        (&bob, Command::RemoveMembers(two.clone(), vec![alice.user.clone()])),
        (&alice, Command::DismissGroup(one)),
    ] {
        world.does(gone.0, gone.1).await.succeeds();
        world.does(&alice, create_group(&four, &[])).await.succeeds();
        world.does(&alice, Command::DismissGroup(four.clone())).await.succeeds();
    }
    assert!(names_of_groups(world, &alice).await.is_empty());
}

pub(crate) async fn roles_change_and_the_group_is_handed_over(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    let joined_at = found(world, &team).await.members[&bob.user].joined_at;
    let role = |of: &Actor, role| Command::SetRole { group: team.clone(), user: of.user.clone(), role };
    for (given, alice_is) in [(Role::Admin, Role::Owner), (Role::Owner, Role::Admin)] {
        world.does(&alice, role(&bob, given)).await.succeeds();
        for _ in 0..2 {
            let members = found(world, &team).await.members;
            assert_eq!((members[&alice.user].role, members[&bob.user].role), (alice_is, given));
            assert_eq!(members[&bob.user].joined_at, joined_at);
            world.reopens().await;
        }
    }
    assert_eq!(world.does(&alice, role(&bob, Role::Member)).await.reason(), Reason::NotAllowed);
    world.does(&bob, role(&alice, Role::Member)).await.succeeds();
    world.does(&alice, Command::QuitGroup(team.clone())).await.succeeds();
}

pub(crate) async fn a_later_group_of_the_same_name_starts_empty(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to_group(&team), words))).await.succeeds();
    }
    world.does(&bob, mark_read(to_group(&team), 2)).await.succeeds();
    world.does(&alice, revoke(to_group(&team), 1)).await.succeeds();
    world.does(&alice, Command::DismissGroup(team.clone())).await.succeeds();
    for _ in 0..2 {
        assert!(world.group(&team).await.is_none());
        for actor in [&alice, &bob] {
            assert!(names_of_groups(world, actor).await.is_empty());
            assert!(row_of(world, actor, &team).await.is_none());
        }
        assert!(world.history(&ConversationId::Group(team.clone())).await.is_empty());
        let lost = world.does(&bob, send(text(to_group(&team), "hello?"))).await;
        assert_eq!(lost.reason(), Reason::UnknownGroup);
        world.reopens().await;
    }

    world.does(&carol, create_group(&team, &[&bob.user])).await.succeeds();
    let members: Vec<UserId> = found(world, &team).await.members.into_keys().collect();
    assert_eq!(members, [bob.user.clone(), carol.user.clone()]);
    let row = row_of(world, &bob, &team).await.unwrap();
    assert_eq!((row.last_seq, row.read_seq, row.unread, row.last_message.is_none()), (0, 0, 0, true));
    let sent = world.does(&carol, send(text(to_group(&team), "new"))).await;
    assert_eq!(sent.sent().seq, Some(1));
    world.reopens().await;
    let history = world.history(&ConversationId::Group(team.clone())).await;
    assert_eq!((history.len(), history[0].revoked), (1, false), "what was revoked was another message");
    let row = row_of(world, &bob, &team).await.unwrap();
    assert_eq!((row.last_seq, row.read_seq, row.unread), (1, 0, 1));
    let readers = world.readers(&ConversationId::Group(team), 1).await;
    assert!(readers.is_empty());
}

pub(crate) async fn who_comes_later_counts_from_there(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[])).await.succeeds();
    for words in ["one", "two"] {
        world.does(&alice, send(text(to_group(&team), words))).await.succeeds();
    }
    world.does(&bob, Command::JoinGroup(team.clone())).await.succeeds();
    world.does(&alice, send(text(to_group(&team), "three"))).await.succeeds();
    for _ in 0..2 {
        let row = row_of(world, &bob, &team).await.unwrap();
        assert_eq!((row.last_seq, row.read_seq, row.unread, row.peer_read_seq), (3, 2, 1, None));
        world.reopens().await;
    }
    let range = HistoryRange {
        conversation: ConversationId::Group(team.clone()),
        from_seq: None,
        direction: Direction::Older,
        limit: 10,
    };
    assert_eq!(world.store().history(range).await.unwrap().messages.len(), 3, "history is the group's");

    // They quit and come back: what was said meanwhile is not unread either.
    world.does(&bob, Command::QuitGroup(team.clone())).await.succeeds();
    world.does(&alice, send(text(to_group(&team), "four"))).await.succeeds();
    world.does(&bob, Command::JoinGroup(team.clone())).await.succeeds();
    let row = row_of(world, &bob, &team).await.unwrap();
    assert_eq!((row.last_seq, row.read_seq, row.unread), (4, 4, 0));
}
