//! What members write on their group's board.

use std::collections::BTreeMap;

use wigwag_engine::Command;
use wigwag_engine::board::AttributesWish;
use wigwag_protocol::{GroupId, Reason};

use crate::words::{create_group, group};
use crate::world::{World, reason_of};

/// A key and a value that JSON escapes, and that a text of the database may not hold as they are.
const TRICKY: (&str, &str) = ("k\u{0}\"", "\u{0}\\\u{7f}'");

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn sets(id: &GroupId, pairs: &[(&str, &str)], if_version: Option<u64>) -> Command {
    let wish = AttributesWish { set: values(pairs), if_version, ..AttributesWish::default() };
    Command::SetAttributes(id.clone(), Box::new(wish))
}

pub(crate) async fn what_members_wrote_is_found_until_the_group_is_dismissed(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let [team, club] = ["team", "club"].map(group);
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    world.does(&alice, create_group(&club, &[])).await.succeeds();
    world.does(&bob, sets(&team, &[("seat1", "bob"), TRICKY], None)).await.succeeds();
    world.does(&alice, sets(&team, &[("seat2", "alice")], Some(1))).await.succeeds();
    for _ in 0..2 {
        let board = world.store().board(&team).await.unwrap();
        assert_eq!((board.version, board.attributes["seat1"].version), (2, 1));
        assert_eq!(board.values(), values(&[("seat1", "bob"), ("seat2", "alice"), TRICKY]));
        assert_eq!(world.store().board(&club).await.unwrap().version, 0);
        assert_eq!(world.store().board(&group("none")).await.unwrap().version, 0);
        world.reopens().await;
    }
    let late = world.does(&bob, sets(&team, &[("seat2", "bob")], Some(1))).await;
    assert_eq!(late.reason(), Reason::AttributesChanged);
    world.does(&alice, Command::DismissGroup(team.clone())).await.succeeds();
    assert_eq!(world.store().board(&team).await.unwrap().version, 0);
    world.does(&bob, create_group(&team, &[])).await.succeeds();
    world.does(&bob, sets(&team, &[("seat1", "bob")], Some(0))).await.succeeds();
    world.reopens().await;
    assert_eq!(world.store().board(&team).await.unwrap().values(), values(&[("seat1", "bob")]));
}

pub(crate) async fn all_who_count_in_one_batch_are_counted(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    let adds = |key: &str, value: i64| {
        let wish = AttributesWish { add: [(key.to_owned(), value)].into(), ..AttributesWish::default() };
        Command::SetAttributes(team.clone(), Box::new(wish))
    };
    let (lowest, tricky) = (-9_007_199_254_740_991, TRICKY.0);
    let wishes = [(&alice, adds("likes", 1)), (&bob, adds("likes", 2)), (&bob, adds(tricky, lowest))];
    for outcome in world.together(wishes.into()).await {
        outcome.succeeds();
    }
    for _ in 0..2 {
        let counters = world.store().board(&team).await.unwrap().counters;
        assert_eq!(counters, [("likes".to_owned(), 3), (tricky.to_owned(), lowest)].into());
        world.reopens().await;
    }
}

pub(crate) async fn a_batch_sees_the_writes_before_in_it(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    world.does(&alice, sets(&team, &[("old", "1")], None)).await.succeeds();
    let outcomes = world
        .together(vec![
            (&alice, sets(&team, &[("seat", "alice")], Some(1))),
            (&bob, sets(&team, &[("seat", "bob")], Some(1))),
            (&bob, sets(&team, &[("hand", "bob")], Some(1))),
            (&alice, Command::DismissGroup(team.clone())),
            (&alice, create_group(&team, &[&bob.user])),
            (&bob, sets(&team, &[("hand", "bob")], Some(0))),
        ])
        .await;
    let reasons: Vec<Option<Reason>> =
        outcomes.iter().map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    assert_eq!(reasons, [None, Some(Reason::AttributesChanged), None, None, None, None]);
    for _ in 0..2 {
        let board = world.store().board(&team).await.unwrap();
        assert_eq!((board.version, board.values()), (1, values(&[("hand", "bob")])));
        world.reopens().await;
    }
}
