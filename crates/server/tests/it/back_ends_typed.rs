//! Users and groups on the command line: the program itself asks a running server.

use serde_json::Value;
use wigwag_protocol::CloseCode;

use crate::world::{Operator, World};

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_after_users() {
    let world = World::start();
    let operator = Operator::of(&world, "all").await;
    operator.reads("user create bob --nickname Bob --ring known");
    let mut alice = world.person("alice").await;
    assert_eq!(operator.reads("user list"), ["alice\t", "bob\tBob"]);
    assert_eq!(operator.reads("user list --limit 1"), ["alice\t"]);
    assert_eq!(operator.reads("user quiet alice"), ["alice is never quiet."]);
    let nights =
        r#"{"hours":[{"days":[1,5],"from":1320,"to":425}],"timeZone":"Europe/Berlin","until":1795910400000}"#;
    assert_eq!(operator.reads(&format!("user quiet alice --set {nights}")), ["alice is quiet as given."]);
    let shown = operator.reads("user quiet alice");
    assert!(shown[0].starts_with("until 2026-11-2"), "{shown:?}");
    assert_eq!(shown[1], "days 1,5 22:00-07:05 (Europe/Berlin)");
    assert_eq!(operator.reads("user quiet alice --set {}"), ["alice is quiet as given."]);
    assert!(!operator.types(r#"user quiet alice --set {"hours":7}"#).succeeded);
    assert_eq!(operator.reads("user list --after alice"), ["bob\tBob"]);
    assert!(operator.reads("user show bob").contains(&"may be rung by   users they know".to_owned()));
    assert_eq!(operator.reads("user devices alice"), ["alice-1\tplatform 7"]);
    let said = operator.reads("user disable alice");
    assert_eq!(said, ["alice is disabled: their sessions end within a second."]);
    alice.is_closed_with(CloseCode::TokenExpired).await;
    let listed = operator.reads("user list");
    assert!(listed[0].starts_with("alice\t\tdisabled since 20") && listed[0].ends_with(" UTC"), "{listed:?}");
    let shown: Value = serde_json::from_str(&operator.reads("user show alice --json")[0]).unwrap();
    assert!(shown["disabledSince"].is_u64(), "{shown}");
    operator.reads("user enable alice");
    alice.opens().await;
    assert_eq!(operator.reads("user pushes alice"), ["No device of alice is woken."]);
    let dropped = operator.reads("user unregister alice phone");
    assert_eq!(dropped, ["alice is not woken on phone any more."]);
    let counted = operator.reads("statistics");
    assert!(
        counted.contains(&"users            2".to_owned())
            && counted.contains(&"online           1".to_owned()),
        "{counted:?}"
    );
    operator.reads("user sign-out alice");
    alice.is_closed_with(CloseCode::TokenExpired).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_after_groups() {
    let world = World::start();
    let operator = Operator::of(&world, "read,users,groups").await;
    for name in ["alice", "bob", "carol"] {
        operator.reads(&format!("user create {name}"));
    }
    assert_eq!(operator.reads("group create alice --id team --name Team --member bob"), ["team"]);
    assert_eq!(operator.reads("group add team carol"), ["In team now: carol"]);
    let members = operator.reads("group members team");
    let roles = ["alice\towner\t", "bob\tmember\t", "carol\tmember\t"];
    assert!(members.iter().zip(roles).all(|(line, role)| line.starts_with(role)), "{members:?}");
    assert_eq!(members.len(), 3);
    operator.reads("group remove team bob");
    assert_eq!(operator.reads("group list carol"), ["team\tTeam\t2\talice"]);
    let shown: Value = serde_json::from_str(&operator.reads("group show team --json")[0]).unwrap();
    assert_eq!((&shown["owner"], &shown["memberCount"]), (&"alice".into(), &2.into()));
    operator.reads("group dismiss team");
    let ended = operator.types("group create alice --id few --member bob --member nobody");
    assert!(!ended.succeeded && ended.said.trim() == "few", "{ended:?}");
    assert!(ended.complained.contains("made without nobody"), "{ended:?}");
    assert!(operator.reads("group list carol").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_told_what_is_wrong() {
    let world = World::start();
    let operator = Operator::of(&world, "read").await;
    let ended = operator.types("user show nobody");
    assert!(!ended.succeeded && ended.complained.contains("nobody (404 unknownUser)"), "{ended:?}");
    let ended = operator.types("user disable nobody");
    assert!(ended.complained.contains("the scope users") && ended.complained.contains("403"), "{ended:?}");
    let stranger = Operator { key: "wk_guess".to_owned(), ..operator };
    let ended = stranger.types("user list");
    assert!(
        ended.complained.contains("401 keyUnknown") && !ended.complained.contains("wk_guess"),
        "{ended:?}"
    );
    let nobody = Operator { key: String::new(), ..stranger };
    assert!(nobody.types("user list").complained.contains("wigwag key create"));
    // A file in place of the variable.
    let file = world.data().join("operator.key");
    std::fs::write(&file, format!("{}\n", world.back_end("other", "read").await.key)).unwrap();
    assert!(nobody.reads(&format!("user list --key-file {}", file.display())).is_empty());
    let missing = nobody.types("user list --key-file /nowhere/at/all");
    assert!(missing.complained.contains("/nowhere/at/all"), "{missing:?}");
}
