//! Seats of devices.

use wigwag_engine::{Actor, Command};
use wigwag_protocol::{Device, DeviceId, Platform, Reason};
use wigwag_server::store::shared::{Claimed, Seat, SeatBounds, SessionName};
use wigwag_server::store::{Asker, SessionId};

use super::{Node, join};
use crate::words::{accept, invite, on_tablet, ring, send, text, to};
use crate::world::reason_of;

/// Any number of seats.
pub(super) const ANY: SeatBounds = SeatBounds { per_user: usize::MAX, per_platform: 0 };

fn per_platform(most: usize) -> SeatBounds {
    SeatBounds { per_platform: most, ..ANY }
}

fn per_user(most: usize) -> SeatBounds {
    SeatBounds { per_user: most, ..ANY }
}

/// A session of the actor's device on a node.
pub(super) fn seat(actor: &Actor, node: &Node, session: u64, connected_at: u64) -> Seat {
    Seat {
        user: actor.user.clone(),
        device: device(actor),
        session: SessionName { node: node.id, session: SessionId(session) },
        connected_at,
    }
}

fn device(actor: &Actor) -> Device {
    actor.device.clone().expect("people in these tests are on devices")
}

fn replacing(seat: &Seat) -> Claimed {
    Claimed { replaced: Some(seat.session), ..Claimed::default() }
}

pub(super) async fn the_newest_connection_has_the_seat(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let (first, second) = (seat(&alice, one, 1, 10), seat(&alice, other, 1, 20));
    assert_eq!(one.store().claim(&first, ANY).await.unwrap(), Claimed::default());
    assert_eq!(
        one.store().claim(&first, ANY).await.unwrap(),
        Claimed::default(),
        "its own session has not to go"
    );
    assert_eq!(other.store().claim(&second, ANY).await.unwrap(), replacing(&first));
    let late = one.store().claim(&seat(&alice, one, 2, 15), ANY).await.unwrap();
    assert!(late.refused && late.replaced.is_none(), "{late:?}");
    for free in [seat(&on_tablet(&alice.user), one, 3, 1), seat(&bob, one, 4, 1)] {
        assert_eq!(
            one.store().claim(&free, ANY).await.unwrap(),
            Claimed::default(),
            "other devices, other users"
        );
    }
    assert_eq!(one.store().claim(&seat(&alice, one, 5, 30), ANY).await.unwrap(), replacing(&second));
}

/// The same user on a device of another name.
fn on_device(actor: &Actor, name: &str) -> Actor {
    let device = Device { device_id: DeviceId::parse(name).unwrap(), ..device(actor) };
    Actor { user: actor.user.clone(), device: Some(device) }
}

pub(super) async fn a_platform_has_so_many_seats(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let [phone, laptop, watch] = ["phone", "laptop", "watch"].map(|name| on_device(&alice, name));
    let tablet = on_tablet(&alice.user);
    assert_ne!(device(&tablet).platform, Platform::LINUX);
    let first = seat(&phone, one, 1, 10);
    let second = seat(&laptop, other, 1, 20);
    for (node, seat) in [(&*one, &first), (&*other, &second), (&*one, &seat(&tablet, one, 2, 5))] {
        assert_eq!(node.store().claim(seat, per_platform(2)).await.unwrap(), Claimed::default());
    }
    assert_eq!(
        other.store().claim(&seat(&bob, other, 9, 1), per_platform(2)).await.unwrap(),
        Claimed::default()
    );
    let third = other.store().claim(&seat(&watch, other, 2, 30), per_platform(2)).await.unwrap();
    assert_eq!(third, Claimed { over_limit: vec![first.session], ..Claimed::default() });
    let back = seat(&phone, one, 3, 40);
    let fourth = one.store().claim(&back, per_platform(2)).await.unwrap();
    assert_eq!(fourth, Claimed { over_limit: vec![second.session], ..Claimed::default() });
    let fifth = one.store().claim(&seat(&laptop, one, 4, 50), ANY).await.unwrap();
    assert_eq!(fifth, Claimed::default(), "0 is any number");
}

pub(super) async fn what_another_has_is_not_given_back(one: &mut Node, other: &mut Node) {
    let [alice] = join(one, ["alice"]).await;
    let (first, second) = (seat(&alice, one, 1, 10), seat(&alice, other, 1, 20));
    one.store().claim(&first, ANY).await.unwrap();
    other.store().claim(&second, ANY).await.unwrap();
    one.store().release(std::slice::from_ref(&first)).await.unwrap();
    let third = seat(&alice, one, 2, 30);
    assert_eq!(one.store().claim(&third, ANY).await.unwrap(), replacing(&second));
    one.store().release(&[first, third]).await.unwrap();
    one.store().release(&[]).await.unwrap();
    assert_eq!(other.store().claim(&seat(&alice, other, 2, 40), ANY).await.unwrap(), Claimed::default());
}

pub(super) async fn a_check_up_tells_heads_and_displaced_sessions(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let (of_alice, of_bob) = (seat(&alice, one, 1, 10), seat(&bob, one, 2, 10));
    for seat in [&of_alice, &of_bob] {
        one.store().claim(seat, ANY).await.unwrap();
    }
    let seats = [of_alice.clone(), of_bob];
    let check_up = async |node: &Node| {
        let mut found = node.store().check_up(&seats).await.unwrap();
        found.heads.sort();
        let heads: Vec<u64> = found.heads.iter().map(|(_, head)| *head).collect();
        assert!(found.heads.iter().map(|(user, _)| user).eq([&alice.user, &bob.user]));
        (heads, found.displaced)
    };
    assert_eq!(check_up(one).await, (vec![0, 0], vec![]));
    for _ in 0..3 {
        other.world.does(&bob, send(text(to(&alice.user), "hi"))).await.succeeds();
    }
    assert_eq!(check_up(one).await, (vec![3, 3], vec![]), "what another node wrote");
    other.store().claim(&seat(&alice, other, 1, 20), ANY).await.unwrap();
    for _ in 0..2 {
        assert_eq!(check_up(one).await, (vec![3, 3], vec![of_alice.session]), "and it stays so");
    }
    let nothing = one.store().check_up(&[]).await.unwrap();
    assert!(nothing.heads.is_empty() && nothing.displaced.is_empty());
}

pub(super) async fn a_check_up_gives_lost_seats_back(one: &mut Node, other: &mut Node) {
    let [alice] = join(one, ["alice"]).await;
    let mine = seat(&alice, one, 1, 10);
    one.store().claim(&mine, ANY).await.unwrap();
    // As a crash of the database would.
    one.store().release(std::slice::from_ref(&mine)).await.unwrap();
    let found = one.store().check_up(std::slice::from_ref(&mine)).await.unwrap();
    assert_eq!(found.displaced, []);
    let newer = seat(&alice, other, 1, 20);
    assert_eq!(other.store().claim(&newer, ANY).await.unwrap(), replacing(&mine), "it was his again");

    // Both nodes have a session of the device when the seats are lost: the newer connection has it in the end, whoever
    // checks up first.
    other.store().release(std::slice::from_ref(&newer)).await.unwrap();
    one.store().check_up(std::slice::from_ref(&mine)).await.unwrap();
    let found = other.store().check_up(std::slice::from_ref(&newer)).await.unwrap();
    assert_eq!(found.displaced, []);
    let found = one.store().check_up(std::slice::from_ref(&mine)).await.unwrap();
    assert_eq!(found.displaced, [mine.session]);
}

pub(super) async fn of_two_check_ups_at_once_the_newer_connection_keeps_its_seat(
    one: &mut Node,
    other: &mut Node,
) {
    let [alice] = join(one, ["alice"]).await;
    let (mine, newer) = ([seat(&alice, one, 1, 10)], [seat(&alice, other, 1, 20)]);
    let (one, other) = (one.store(), other.store());
    for _ in 0..100 {
        let (_, found) = tokio::join!(one.check_up(&mine), other.check_up(&newer));
        assert_eq!(found.unwrap().displaced, [], "nobody is newer");
        one.release(&mine).await.unwrap();
        other.release(&newer).await.unwrap();
    }
}

/// A node that enters again drops its seats and gives them back, while a claim and a check-up of an older connection, which
/// another node had given up while the database hung, are carried out.
pub(super) async fn an_older_connection_never_ends_a_newer_one(one: &mut Node, other: &mut Node) {
    let [alice] = join(one, ["alice"]).await;
    let (older, newer) = (seat(&alice, one, 1, 10), [seat(&alice, other, 1, 20)]);
    let (one, other) = (one.store(), other.store());
    for _ in 0..300 {
        other.claim(&newer[0], ANY).await.unwrap();
        let enters = async { other.release(&newer).await.unwrap() };
        let (late, (), first, second) =
            tokio::join!(one.claim(&older, ANY), enters, other.check_up(&newer), other.check_up(&newer));
        assert_eq!(late.unwrap().replaced, None, "nobody is older");
        for found in [first, second] {
            assert_eq!(found.unwrap().displaced, [], "nobody is newer");
        }
        one.release(std::slice::from_ref(&older)).await.unwrap();
        other.release(&newer).await.unwrap();
    }
}

pub(super) async fn a_user_has_so_many_seats(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let first = seat(&alice, one, 1, 10);
    let tablet = seat(&on_tablet(&alice.user), other, 1, 20);
    for (node, seat) in [(&*one, &first), (&*other, &tablet), (&*other, &seat(&bob, other, 9, 1))] {
        assert_eq!(node.store().claim(seat, per_user(2)).await.unwrap(), Claimed::default());
    }
    let again = seat(&alice, one, 2, 30);
    assert_eq!(one.store().claim(&again, per_user(2)).await.unwrap(), replacing(&first), "the same device");
    let third = seat(&on_device(&alice, "watch"), other, 2, 40);
    let claimed = other.store().claim(&third, per_user(2)).await.unwrap();
    assert_eq!(claimed, Claimed { over_limit: vec![tablet.session], ..Claimed::default() });
    let late = seat(&on_device(&alice, "late"), one, 3, 5);
    let claimed = one.store().claim(&late, per_user(2)).await.unwrap();
    assert_eq!(
        claimed,
        Claimed { over_limit: vec![late.session], ..Claimed::default() },
        "it is the oldest itself"
    );
}

pub(super) async fn devices_that_come_together_leave_as_many_as_allowed(one: &mut Node, other: &mut Node) {
    leave_as_many_as_allowed("alice", per_platform(3), (one, other)).await;
    leave_as_many_as_allowed("bob", per_user(3), (one, other)).await;
}

async fn leave_as_many_as_allowed(name: &str, bounds: SeatBounds, (one, other): (&mut Node, &mut Node)) {
    const DEVICES: usize = 12;
    const ALLOWED: usize = 3;
    let [alice] = join(one, [name]).await;
    let stores = [(one.store(), &*one), (other.store(), &*other)];
    let claims = (0..DEVICES).map(|number| {
        let (store, node) = &stores[number % 2];
        let time = 100 + number as u64;
        let seat = seat(&on_device(&alice, &format!("device{number}")), node, time, time);
        async move { store.claim(&seat, bounds).await.unwrap() }
    });
    let claimed = futures_util::future::join_all(claims).await;
    assert!(claimed.iter().all(|claimed| !claimed.refused && claimed.replaced.is_none()));
    let mut gone: Vec<u64> =
        claimed.iter().flat_map(|claimed| &claimed.over_limit).map(|name| name.session.0).collect();
    let count = gone.len();
    gone.sort_unstable();
    gone.dedup();
    assert_eq!((gone.len(), count), (DEVICES - ALLOWED, DEVICES - ALLOWED), "each that goes is named once");
}

/// Bob accepts at one node, which is slow. His phone reconnects to the other, says it again, and is told that there is no such
/// invitation. Then the invitation comes, and then the slow node gets to its command.
pub(super) async fn a_first_try_that_its_repeat_has_overtaken_is_not_carried_out(
    one: &mut Node,
    other: &mut Node,
) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let (first, second) = (seat(&bob, one, 101, 10), seat(&bob, other, 102, 20));
    one.store().claim(&first, ANY).await.unwrap();
    other.store().claim(&second, ANY).await.unwrap();
    assert_eq!(asks(other, &second, &bob, accept("call")).await, Err(Reason::UnknownInvitation));
    other.world.does(&alice, invite(ring("call", &bob.user))).await.succeeds();
    assert_eq!(asks(one, &first, &bob, accept("call")).await, Err(Reason::NotSignedIn));
    assert_eq!(one.world.invitation("call").await.version, 1, "it left nothing");
    assert_eq!(asks(other, &second, &bob, accept("call")).await, Ok(()));
}

/// Seats do not outlive a crash of the database, and nodes may give them back in any order.
pub(super) async fn an_older_seat_or_a_lost_one_keeps_nobody_from_asking(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let hello = || send(text(to(&bob.user), "hello"));
    let (older, newer) = (seat(&alice, one, 101, 10), seat(&alice, other, 102, 20));
    one.store().check_up(std::slice::from_ref(&older)).await.unwrap();
    assert_eq!(asks(other, &newer, &alice, hello()).await, Ok(()), "its own check-up is still to come");
    one.store().release(std::slice::from_ref(&older)).await.unwrap();
    for (node, seat) in [(&mut *one, &older), (&mut *other, &newer)] {
        assert_eq!(asks(node, seat, &alice, hello()).await, Ok(()));
    }
    assert_eq!(one.world.does(&bob, send(text(to(&alice.user), "hello"))).await.sent().seq, Some(4));
}

/// What becomes of a command that the session with this seat gives.
async fn asks(node: &mut Node, seat: &Seat, actor: &Actor, command: Command) -> Result<(), Reason> {
    let asker = Asker {
        session: seat.session.session,
        connected_at: seat.connected_at,
        heard_at: tokio::time::Instant::now(),
    };
    node.world.asks_from(asker, actor.clone(), command).unwrap();
    let outcome = node.world.hears(1).await.remove(0);
    outcome.0.reply().map(drop).map_err(reason_of)
}
