//! What users have to do with each other, as far as it decides who sees whom.

use wigwag_engine::Command;
use wigwag_engine::presence::Regard;
use wigwag_protocol::UserId;
use wigwag_protocol::group::ReachableBy;

use crate::deleting::erases;
use crate::words::{create_group, group, send, text, to, to_group, user};
use crate::world::World;

const NOTHING: Regard = Regard { blocks: false, knows: false };
const KNOWS: Regard = Regard { blocks: false, knows: true };

async fn regards(world: &World, pairs: &[(&UserId, &UserId)]) -> Vec<Regard> {
    let pairs = pairs.iter().map(|(of, with)| ((*of).clone(), (*with).clone())).collect();
    world.store().regards(pairs).await.unwrap()
}

pub(crate) async fn whoever_has_written_knows_and_whoever_was_written_to_does_not(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let nobody = user("nobody");
    // Of the names of a conversation one stands first, so both directions are looked at.
    world.does(&bob, send(text(to(&alice.user), "hello"))).await.succeeds();
    world.does(&bob, send(text(to(&carol.user), "hello"))).await.succeeds();
    world.does(&alice, Command::SetBlock(bob.user.clone(), true)).await.succeeds();
    for _ in 0..2 {
        let (a, b, c) = (&alice.user, &bob.user, &carol.user);
        let pairs = [(b, a), (a, b), (b, c), (c, b), (a, c), (a, &nobody), (&nobody, a), (b, a)];
        let blocks = Regard { blocks: true, knows: false };
        let expected = [KNOWS, blocks, KNOWS, NOTHING, NOTHING, NOTHING, NOTHING, KNOWS];
        assert_eq!(regards(world, &pairs).await, expected);
        world.reopens().await;
    }
    assert_eq!(regards(world, &[]).await, []);
}

pub(crate) async fn members_know_each_other_where_the_group_is_familiar_to_them(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let (team, (a, b, c)) = (group("team"), (&alice.user, &bob.user, &carol.user));
    let known = Command::SetReach { ring: Some(ReachableBy::Known), add: None };
    world.does(&bob, known).await.succeeds();
    world.does(&alice, create_group(&team, &[b, c])).await.succeeds();
    // Whoever lets only those ring whom they know does not come to know somebody who puts them into a group.
    assert_eq!(regards(world, &[(a, b), (b, a), (c, a), (b, c)]).await, [KNOWS, NOTHING, KNOWS, NOTHING]);
    world.does(&bob, send(text(to_group(&team), "hello"))).await.succeeds();
    assert_eq!(regards(world, &[(b, a), (b, c)]).await, [KNOWS, KNOWS]);
    world.reopens().await;
    assert_eq!(regards(world, &[(b, a), (b, c)]).await, [KNOWS, KNOWS]);
    world.does(&carol, Command::QuitGroup(team.clone())).await.succeeds();
    assert_eq!(regards(world, &[(b, a), (b, c), (c, b)]).await, [KNOWS, NOTHING, NOTHING]);
}

/// What they wrote stays, and says no more that they know anybody.
pub(crate) async fn a_deleted_user_regards_nobody(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let (a, b) = (&alice.user, &bob.user);
    world.does(&alice, send(text(to(b), "hello"))).await.succeeds();
    world.does(&bob, send(text(to(a), "hello"))).await.succeeds();
    assert_eq!(regards(world, &[(a, b), (b, a)]).await, [KNOWS, KNOWS]);
    world.does(&alice, Command::DeleteUser).await.succeeds();
    erases(world, &alice).await;
    assert_eq!(regards(world, &[(a, b), (b, a)]).await, [NOTHING, KNOWS]);
}
