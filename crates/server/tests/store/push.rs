//! How devices are woken, and how far each is with a ring.

use wigwag_engine::{Actor, Command};
use wigwag_protocol::UserId;
use wigwag_server::store::{
    Counted, DEVICES_WOKEN, KeptToken, OwnDevice, PushChange, RetentionCutoffs, RingState, Rung,
};
use wigwag_session::PushToken;

use crate::words::{invite_id, on_phone, on_tablet};
use crate::world::World;

fn token(name: &str) -> PushToken {
    PushToken::Adapter { channel: "test".to_owned(), token: name.to_owned() }
}

fn of(actor: &Actor) -> OwnDevice {
    OwnDevice { user: actor.user.clone(), device: actor.device.clone().unwrap().device_id }
}

fn registered(actor: &Actor, name: &str) -> PushChange {
    let (user, device) = (actor.user.clone(), actor.device.clone().unwrap());
    PushChange::Registered { user, device, token: token(name), signed_at: 7 }
}

async fn keeps(world: &World, now: u64, changes: impl IntoIterator<Item = PushChange>) {
    world.store().keep_push(changes.into_iter().collect(), now).await.unwrap();
}

async fn tokens(world: &World, users: &[&UserId]) -> Vec<(String, PushToken)> {
    let users: Vec<UserId> = users.iter().map(|user| (*user).clone()).collect();
    let mut tokens = world.store().push_tokens(&users).await.unwrap();
    tokens.sort_by(|one, other| one.of.cmp(&other.of));
    let shown = |kept: KeptToken| (format!("{}'s {}", kept.of.user, kept.of.device), kept.token);
    tokens.into_iter().map(shown).collect()
}

/// Also when everything is moved to another store.
pub(crate) async fn a_device_is_woken_by_what_it_registered_last(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let [phone, tablet] = [on_phone(&alice.user), on_tablet(&alice.user)];
    keeps(world, 1, [registered(&phone, "one"), registered(&tablet, "two"), registered(&phone, "three")])
        .await;
    let both = [("alice's phone".to_owned(), token("three")), ("alice's tablet".to_owned(), token("two"))];
    assert_eq!(tokens(world, &[&alice.user, &bob.user]).await, both);
    assert_eq!(tokens(world, &[&bob.user]).await, []);
    let users = [alice.user.clone()];
    let kept = world.store().push_tokens(&users).await.unwrap();
    assert!(kept.iter().all(|kept| kept.signed_at == 7 && !kept.is_disabled), "{kept:?}");
    let times: Vec<u64> = kept.iter().map(|kept| kept.registered_at).collect();
    assert_eq!(times, [1, 1]);
    world.does(&alice, Command::SetDisabled(true)).await.succeeds();
    let counted = world.store().counted().await.unwrap();
    let expected = Counted { users: 2, disabled_users: 1, push_devices: 2, ..Counted::default() };
    assert_eq!(counted, expected);
    assert!(world.store().push_tokens(&users).await.unwrap().iter().all(|kept| kept.is_disabled));
    // What a provider said of a token that was replaced meanwhile.
    keeps(world, 2, [PushChange::Dead(of(&phone), token("one"))]).await;
    world.reopens().await;
    assert_eq!(tokens(world, &[&alice.user]).await, both);
    keeps(world, 3, [PushChange::Dead(of(&phone), token("three"))]).await;
    assert_eq!(tokens(world, &[&alice.user]).await, both[1..]);
    keeps(world, 4, [PushChange::Unregistered(of(&tablet)), PushChange::Unregistered(of(&tablet))]).await;
    assert_eq!(tokens(world, &[&alice.user]).await, []);
}

pub(crate) async fn a_token_belongs_to_whoever_registered_it_last(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let [hers, his] = [on_phone(&alice.user), on_phone(&bob.user)];
    keeps(world, 1, [registered(&hers, "of the phone"), registered(&his, "of the phone")]).await;
    let kept = tokens(world, &[&alice.user, &bob.user]).await;
    assert_eq!(kept, [("bob's phone".to_owned(), token("of the phone"))]);
    // The same again changes nothing.
    keeps(world, 2, [registered(&his, "of the phone")]).await;
    assert_eq!(tokens(world, &[&bob.user]).await, kept);
}

pub(crate) async fn a_user_has_so_many_devices_that_are_woken(world: &mut World) {
    let alice = world.joins("alice").await;
    let on = |number: usize| {
        let mut actor = on_phone(&alice.user);
        let device = actor.device.as_mut().unwrap();
        device.device_id = wigwag_protocol::DeviceId::parse(&format!("d-{number:02}")).unwrap();
        actor
    };
    for number in 0..DEVICES_WOKEN {
        keeps(world, 100 + number as u64, [registered(&on(number), &format!("t-{number}"))]).await;
    }
    let devices = async |world: &World| -> Vec<String> {
        tokens(world, &[&alice.user]).await.into_iter().map(|(device, _)| device).collect()
    };
    assert_eq!(devices(world).await.len(), DEVICES_WOKEN);
    // The first one has registered again, so the second is the one that did so longest ago.
    keeps(world, 500, [registered(&on(0), "t-0 anew")]).await;
    keeps(world, 501, [registered(&on(DEVICES_WOKEN), "one more")]).await;
    let left = devices(world).await;
    assert_eq!(left.len(), DEVICES_WOKEN);
    assert!(
        !left.contains(&"alice's d-01".to_owned()) && left.contains(&"alice's d-00".to_owned()),
        "{left:?}"
    );
}

/// Also when everything is moved to another store.
pub(crate) async fn a_ring_is_known_at_each_device(world: &mut World) {
    let alice = world.joins("alice").await;
    let [phone, tablet] = [on_phone(&alice.user), on_tablet(&alice.user)];
    let rung = |actor: &Actor| Rung { invite: invite_id("i"), of: of(actor) };
    let states = async |world: &World, name: &str| {
        let mut states = world.store().rung(&invite_id(name)).await.unwrap();
        states.sort_by(|(one, _), (other, _)| one.cmp(other));
        states.into_iter().map(|(of, row)| (of.device.to_string(), row.state)).collect::<Vec<_>>()
    };
    let becomes = |actor: &Actor, state| PushChange::Ring(rung(actor), state);
    keeps(world, 1, [becomes(&phone, RingState::Leaving), becomes(&tablet, RingState::Heard)]).await;
    keeps(world, 1, [becomes(&phone, RingState::Pushed), becomes(&phone, RingState::Heard)]).await;
    world.reopens().await;
    let all = [("phone".to_owned(), RingState::Pushed), ("tablet".to_owned(), RingState::Heard)];
    assert_eq!(states(world, "i").await, all, "what was pushed is to be told when it is over");
    assert_eq!(states(world, "j").await, []);
    let rows = world.store().rung(&invite_id("i")).await.unwrap();
    let times = |name: &str| {
        let (_, row) = rows.iter().find(|(of, _)| of.device.as_str() == name).unwrap();
        [row.sent_at, row.heard_at, row.ringing_at, row.pushed_at]
    };
    assert_eq!(times("phone"), [None, Some(1), None, Some(1)]);
    assert_eq!(times("tablet"), [None, Some(1), None, None]);
    keeps(world, 3, [becomes(&tablet, RingState::Ringing), becomes(&tablet, RingState::Sent)]).await;
    keeps(world, 4, [becomes(&tablet, RingState::Ringing), becomes(&tablet, RingState::Heard)]).await;
    world.reopens().await;
    let rows = world.store().rung(&invite_id("i")).await.unwrap();
    let (_, row) = rows.into_iter().find(|(of, _)| of.device.as_str() == "tablet").unwrap();
    assert_eq!((row.sent_at, row.heard_at, row.ringing_at), (Some(3), Some(1), Some(3)));
    assert_eq!(row.state, RingState::Heard);
    keeps(world, 2, [PushChange::Over(rung(&phone)), PushChange::Over(rung(&phone))]).await;
    assert_eq!(states(world, "i").await, all[1..]);
    let cutoffs = |events| RetentionCutoffs {
        online_only: 0,
        events,
        history: 0,
        invitations: 0,
        calls: 0,
        replies: 0,
    };
    while world.store().retain(cutoffs(1)).await {}
    assert_eq!(states(world, "i").await.len(), 1);
    while world.store().retain(cutoffs(2)).await {}
    assert_eq!(states(world, "i").await, []);
}
