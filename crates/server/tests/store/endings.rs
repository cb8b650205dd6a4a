//! How invitations end, and what is readable then.

use std::time::{Duration, Instant};

use wigwag_engine::command::Invite;
use wigwag_engine::invitation::{Ending, Invitation, Receipt, Said, Settled, Settlement};
use wigwag_engine::{Actor, ConversationId, Limits};
use wigwag_protocol::invitation::{EndReason, InviteeState};
use wigwag_protocol::{Event, Reason};

use crate::words::{accept, cancel, invite, invite_id, modify, on_tablet, reject, ring};
use crate::world::{Outcome, World};

async fn alice_rings_bob(world: &mut World, wish: impl FnOnce(Invite) -> Invite) -> [Actor; 2] {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.does(&alice, invite(wish(ring("call", &bob.user)))).await.succeeds();
    [alice, bob]
}

/// Nothing that lists open invitations knows it any more, before and after the store is opened again.
async fn is_over(world: &mut World, parties: &[Actor; 2], messages: usize) -> Invitation {
    let mut kept = Vec::new();
    for _ in 0..2 {
        let invitation = world.invitation("call").await;
        assert!(!invitation.is_open());
        for actor in parties {
            assert!(world.open_for(actor).await.is_empty());
        }
        assert!(world.due().await.is_empty());
        let conversation = ConversationId::between(&parties[0].user, &parties[1].user);
        assert_eq!(world.history(&conversation).await.len(), messages);
        kept.push((*invitation).clone());
        world.reopens().await;
    }
    assert_eq!(kept[0], kept[1]);
    kept.remove(0)
}

fn receipt(outcome: &Outcome) -> Receipt {
    let acted = outcome.acted();
    let message = acted.message.as_ref().map(|place| (place.message_id.clone(), place.seq));
    Receipt { cursor: acted.cursor, message }
}

pub(crate) async fn an_accepted_invitation_is_over(world: &mut World) {
    let parties = alice_rings_bob(world, |wish| wish).await;
    let tablet = on_tablet(&parties[1].user);
    let accepted = world.does(&tablet, accept("call")).await;
    let kept = is_over(world, &parties, 2).await;
    let said = Said { device: tablet.device.clone(), data: "yes".to_owned(), receipt: receipt(&accepted) };
    let settled = Settled { by: Settlement::Accepted(said), at: accepted.acted().time, version: 2 };
    assert_eq!(kept.invitees()[0].settled, Some(settled));
    assert_eq!(kept.end.as_ref().map(|end| (end.reason(), end.version)), Some((EndReason::Completed, 2)));

    let late = world.does(&parties[1], accept("call")).await;
    assert_eq!(late.reason(), Reason::Settled);
    let outcome = late.refusal().data.outcome.clone().unwrap();
    assert_eq!((outcome.state, outcome.device), (Some(InviteeState::Accepted), tablet.device));
}

pub(crate) async fn a_rejected_invitation_is_over(world: &mut World) {
    let parties = alice_rings_bob(world, |wish| wish).await;
    world.does(&parties[1], reject("call")).await.succeeds();
    let kept = is_over(world, &parties, 2).await;
    assert_eq!(kept.invitees()[0].state(), InviteeState::Rejected);
    assert_eq!(world.does(&parties[1], accept("call")).await.reason(), Reason::Settled);
}

pub(crate) async fn a_cancelled_invitation_is_over(world: &mut World) {
    let parties = alice_rings_bob(world, |wish| wish).await;
    let cancelled = world.does(&parties[0], cancel("call")).await;
    let kept = is_over(world, &parties, 2).await;
    assert_eq!(kept.invitees()[0].state(), InviteeState::Cancelled);
    let end = kept.end.unwrap();
    let said = Said {
        device: parties[0].device.clone(),
        data: "never mind".to_owned(),
        receipt: receipt(&cancelled),
    };
    assert_eq!(end.by, Ending::Cancelled(said));
    assert_eq!(world.does(&parties[1], accept("call")).await.reason(), Reason::Cancelled);
}

pub(crate) async fn a_modified_invitation_rings_on(world: &mut World) {
    let [alice, bob] = alice_rings_bob(world, |wish| wish).await;
    world.does(&bob, modify("call", "video")).await.succeeds();
    world.reopens().await;
    world.does(&alice, modify("call", "screen")).await.succeeds();
    for _ in 0..2 {
        let kept = world.invitation("call").await;
        assert_eq!(
            (kept.version, kept.data.as_str(), kept.first_data.as_deref()),
            (3, "screen", Some("ring"))
        );
        assert_eq!(world.open_for(&bob).await, [invite_id("call")]);
        assert_eq!(world.due().await, [invite_id("call")]);
        world.reopens().await;
    }
    world.does(&bob, accept("call")).await.succeeds();
    let again = world.does(&alice, invite(ring("call", &bob.user))).await;
    assert_eq!(again.acted().version, 1, "an invite is repeated with its first data");
    let versions: Vec<u32> = world
        .stream(&bob.user)
        .await
        .iter()
        .map(|event| event.invitation.as_ref().unwrap().version)
        .collect();
    assert_eq!(versions, [1, 2, 3, 4]);
}

pub(crate) async fn a_deadline_that_passed_ends_it_and_an_early_look_does_not(world: &mut World) {
    let parties = alice_rings_bob(world, |wish| Invite { timeout: 1, ..wish }).await;
    let early = world.looks_at("call").await;
    assert!(early.events().is_empty());
    assert!(world.invitation("call").await.is_open());
    // The deadline passes while nobody is there.
    world.reopens().await;
    assert_eq!(world.due().await, [invite_id("call")]);
    assert_eq!(world.looks_until_ended("call").await, EndReason::TimedOut);
    let kept = is_over(world, &parties, 2).await;
    assert_eq!(kept.invitees()[0].state(), InviteeState::TimedOut);
    assert!(kept.end.unwrap().at >= kept.created_at + 1_000);
    for actor in &parties {
        let last = world.stream(&actor.user).await.pop().unwrap();
        let told = Event::read(&format!("{{{}", last.body)).unwrap();
        assert!(matches!(told, Some(Event::InvitationTimedOut(_))), "{told:?}");
        assert!(!last.by_self, "the server did it");
    }
    assert_eq!(world.does(&parties[1], accept("call")).await.reason(), Reason::TimedOut);
}

pub(crate) async fn an_invitation_without_deadline_ends_quietly(world: &mut World) {
    let parties = alice_rings_bob(world, |wish| Invite { timeout: 0, ..wish }).await;
    world.looks_at("call").await.succeeds();
    assert!(world.invitation("call").await.is_open(), "it is not a day old");
    world.reopens_with(Limits { no_deadline_age_ms: 1, ..Limits::default() }).await;
    assert_eq!(world.looks_until_ended("call").await, EndReason::Expired);
    is_over(world, &parties, 1).await;
    assert_eq!(world.stream(&parties[1].user).await.len(), 1, "nobody is told");
}

pub(crate) async fn an_expiry_of_what_is_settled_changes_nothing(world: &mut World) {
    let parties = alice_rings_bob(world, |wish| Invite { timeout: 1, ..wish }).await;
    world.does(&parties[1], accept("call")).await.succeeds();
    let deadline = world.invitation("call").await.deadline().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while world.now() <= deadline && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for _ in 0..2 {
        assert!(world.looks_at("call").await.events().is_empty());
        world.reopens().await;
    }
    let kept = is_over(world, &parties, 2).await;
    assert_eq!(kept.end.unwrap().reason(), EndReason::Completed);
}
