//! Invitations in groups, and what they lose with members.

use wigwag_engine::command::{Invite, Invited};
use wigwag_engine::invitation::Invitee;
use wigwag_engine::{Actor, Command};
use wigwag_protocol::GroupId;
use wigwag_protocol::invitation::{EndReason, InviteeState, Notify};

use crate::words::{accept, create_group, group, invite, invite_id, reject, ring, ring_members};
use crate::world::World;

/// Alice owns a team with Bob, Carol and Dave.
async fn a_team(world: &mut World) -> ([Actor; 4], GroupId) {
    let people = [
        world.joins("alice").await,
        world.joins("bob").await,
        world.joins("carol").await,
        world.joins("dave").await,
    ];
    let team = group("team");
    let members = [&people[1].user, &people[2].user, &people[3].user];
    world.does(&people[0], create_group(&team, &members)).await.succeeds();
    (people, team)
}

pub(crate) async fn members_or_parties_are_concerned(world: &mut World) {
    let ([alice, bob, carol, dave], team) = a_team(world).await;
    let eve = world.joins("eve").await;
    world.does(&alice, invite(ring_members("all", &team, &[&bob.user]))).await.succeeds();
    let invited =
        Invited::Members { group: team.clone(), invitees: vec![carol.user.clone()], notify: Notify::Parties };
    world.does(&alice, invite(Invite { invited, ..ring("few", &bob.user) })).await.succeeds();
    let concerned: [(&Actor, &[&str]); 5] = [
        (&alice, &["all", "few"]),
        (&bob, &["all"]),
        (&carol, &["all", "few"]),
        (&dave, &["all"]),
        (&eve, &[]),
    ];
    for _ in 0..2 {
        for (actor, ids) in &concerned {
            let ids: Vec<_> = ids.iter().map(|id| invite_id(id)).collect();
            assert_eq!(world.open_for(actor).await, ids, "{:?}", actor.user);
        }
        world.reopens().await;
    }
    world.does(&eve, Command::JoinGroup(team)).await.succeeds();
    assert_eq!(world.open_for(&eve).await, [invite_id("all")], "a new member may see what rings");
}

pub(crate) async fn the_invitee_who_leaves_is_removed(world: &mut World) {
    let ([alice, bob, carol, dave], team) = a_team(world).await;
    world.does(&alice, invite(ring_members("all", &team, &[&bob.user, &carol.user]))).await.succeeds();
    world.does(&bob, Command::QuitGroup(team.clone())).await.succeeds();
    for _ in 0..2 {
        let kept = world.invitation("all").await;
        assert!(kept.is_open());
        let states = [InviteeState::Removed, InviteeState::Pending];
        assert!(kept.invitees().iter().map(Invitee::state).eq(states));
        assert!(world.open_for(&bob).await.is_empty());
        assert_eq!(world.open_for(&dave).await, [invite_id("all")]);
        world.reopens().await;
    }
    world.does(&alice, Command::RemoveMembers(team, vec![carol.user.clone()])).await.succeeds();
    for _ in 0..2 {
        assert_eq!(world.invitation("all").await.end.as_ref().unwrap().reason(), EndReason::Completed);
        assert!(world.open_for(&alice).await.is_empty());
        assert!(world.due().await.is_empty());
        world.reopens().await;
    }
}

pub(crate) async fn the_inviter_who_leaves_ends_it(world: &mut World) {
    let ([_, bob, carol, dave], team) = a_team(world).await;
    for id in ["one", "two"] {
        world.does(&bob, invite(ring_members(id, &team, &[&carol.user, &dave.user]))).await.succeeds();
    }
    world.does(&carol, accept("two")).await.succeeds();
    world.does(&bob, Command::QuitGroup(team)).await.succeeds();
    for _ in 0..2 {
        for id in ["one", "two"] {
            assert_eq!(world.invitation(id).await.end.as_ref().unwrap().reason(), EndReason::InviterLeft);
        }
        let kept = world.invitation("two").await;
        let answered = &kept.invitees()[0];
        assert_eq!((&answered.user, answered.state()), (&carol.user, InviteeState::Accepted));
        assert!(world.due().await.is_empty());
        for actor in [&bob, &carol, &dave] {
            assert!(world.open_for(actor).await.is_empty());
        }
        world.reopens().await;
    }
}

pub(crate) async fn a_dismissal_ends_all_of_them(world: &mut World) {
    const MANY: usize = 30;
    let ([alice, bob, carol, dave], team) = a_team(world).await;
    let inviters = [&alice, &bob, &carol];
    let ids: Vec<String> = (0..MANY).map(|number| format!("call {number:02}")).collect();
    let rings = ids.iter().enumerate().map(|(number, id)| {
        (inviters[number % inviters.len()], invite(ring_members(id, &team, &[&dave.user])))
    });
    for outcome in world.together(rings.collect()).await {
        outcome.succeeds();
    }
    world.does(&dave, reject("call 00")).await.succeeds();
    world.does(&alice, invite(ring("apart", &bob.user))).await.succeeds();
    assert_eq!(world.open_for(&dave).await.len(), MANY - 1);
    // Nothing of it is in the store's memory.
    world.reopens().await;
    world.does(&alice, Command::DismissGroup(team.clone())).await.succeeds();
    for _ in 0..2 {
        for id in &ids[1..] {
            assert_eq!(world.invitation(id).await.end.as_ref().unwrap().reason(), EndReason::GroupDismissed);
        }
        assert_eq!(world.invitation("call 00").await.end.as_ref().unwrap().reason(), EndReason::Completed);
        assert_eq!(world.due().await, [invite_id("apart")], "what is not the group's rings on");
        assert!(world.open_for(&dave).await.is_empty());
        assert_eq!(world.open_for(&bob).await, [invite_id("apart")]);
        world.reopens().await;
    }
    // A group of the same name has nothing to do with them.
    world.does(&dave, create_group(&team, &[&bob.user])).await.succeeds();
    world.does(&dave, Command::DismissGroup(team)).await.succeeds();
    assert_eq!(world.invitation("call 01").await.version, 2);
}

pub(crate) async fn members_answer_one_after_the_other(world: &mut World) {
    let ([alice, bob, carol, dave], team) = a_team(world).await;
    let invitees = [&bob.user, &carol.user, &dave.user];
    world.does(&alice, invite(ring_members("all", &team, &invitees))).await.succeeds();
    let answers = vec![(&dave, accept("all")), (&bob, reject("all"))];
    for outcome in world.together(answers).await {
        outcome.succeeds();
    }
    world.reopens().await;
    let kept = world.invitation("all").await;
    let states = [InviteeState::Rejected, InviteeState::Pending, InviteeState::Accepted];
    assert!(kept.invitees().iter().map(Invitee::state).eq(states));
    assert_eq!((kept.version, kept.is_open()), (3, true));
    assert_eq!(world.open_for(&bob).await, [invite_id("all")], "it still rings in his group");
    world.does(&carol, accept("all")).await.succeeds();
    world.reopens().await;
    let kept = world.invitation("all").await;
    assert_eq!((kept.version, kept.end.as_ref().unwrap().reason()), (4, EndReason::Completed));
    let settled: Vec<u32> =
        kept.invitees().iter().map(|invitee| invitee.settled.as_ref().unwrap().version).collect();
    assert_eq!(settled, [3, 4, 2]);
}
