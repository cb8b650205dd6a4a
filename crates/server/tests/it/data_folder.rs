//! The data folder: whose it is, who works in it, and what happens when it goes.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::world::{Ended, World, command, request, wigwag};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nobody_else_can_open_what_is_in_it() {
    let mut world = World::prepared("");
    world.resume_through("umask 022; exec \"$@\"");
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "note").await;
    let data = world.data();
    assert_eq!(mode(&data), 0o700);
    let modes = || {
        let files = std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path());
        let mut modes: Vec<_> =
            files.map(|path| (path.file_name().unwrap().to_owned(), mode(&path))).collect();
        modes.sort();
        modes
    };
    let found = modes();
    assert!(found.len() >= 4 && found.iter().all(|(_, mode)| *mode == 0o600), "{found:?}");
    // As an earlier version has left it.
    world.stop();
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(data.join("wigwag.db"), Permissions::from_mode(0o644)).unwrap();
    world.resume_through("umask 022; exec \"$@\"");
    let found = modes();
    assert!(found.iter().all(|(_, mode)| *mode == 0o600), "{found:?}");
    assert!(world.log().contains("chmod 700"), "{}", world.log());
}

#[test]
fn a_deleted_lock_lets_no_second_server_in() {
    let world = World::start();
    std::fs::remove_file(world.data().join("wigwag.lock")).unwrap();
    let ended = world.fails_to_start();
    assert!(!ended.succeeded && ended.complained.contains("in use by another process"), "{ended:?}");
    let (config, data) = (world.config_file(), world.data());
    let ended = command(&config, &data, &["migrate"]);
    assert!(!ended.succeeded && ended.complained.contains("in use by another process"), "{ended:?}");
}

#[tokio::test]
async fn nothing_is_acknowledged_into_a_folder_that_is_gone() {
    let mut world = World::start();
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "kept").await;
    std::fs::remove_dir_all(world.data()).unwrap();
    let params = json!({"userID": "bob", "type": "text", "content": {"text": "lost"}});
    alice.says(&request(&json!(7), "message.send", &params)).await;
    alice.is_cut_off().await;
    assert!(!world.stopped().succeeded);
    assert!(world.log().contains("was deleted or moved"), "{}", world.log());
}

#[test]
fn a_quiet_server_ends_too_when_its_database_is_replaced() {
    let mut world = World::start();
    let (path, copy) = (world.data().join("wigwag.db"), world.data().join("copy"));
    std::fs::copy(&path, &copy).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    assert!(!world.stopped().succeeded);
    assert!(world.log().contains("was replaced by another file"), "{}", world.log());
}

/// A folder in which a server with a key of its own has worked.
fn used_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(in_folder(&folder, &["migrate"]).succeeded);
    let key = folder.path().join("app.key");
    std::fs::write(&key, "0a".repeat(32)).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    folder
}

fn in_folder(folder: &TempDir, words: &[&str]) -> Ended {
    let mut all = words.to_vec();
    let data = folder.path().to_string_lossy();
    all.extend(["--data", &data]);
    wigwag(&all)
}

#[test]
fn a_database_that_is_missing_or_empty_beside_a_key_is_not_made_anew() {
    let folder = used_folder();
    let database = folder.path().join("wigwag.db");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    std::fs::write(&database, "").unwrap();
    let ended = in_folder(&folder, &serve);
    assert!(!ended.succeeded && ended.complained.contains("wigwag.db, is empty"), "{ended:?}");
    assert_eq!(std::fs::metadata(&database).unwrap().len(), 0);
    std::fs::remove_file(&database).unwrap();
    let ended = in_folder(&folder, &serve);
    assert!(!ended.succeeded && ended.complained.contains("no database, wigwag.db"), "{ended:?}");
    assert!(ended.complained.contains("wigwag migrate"), "{ended:?}");
    assert!(!database.exists());
    // A log without its database is all that is left of what was acknowledged last.
    std::fs::remove_file(folder.path().join("app.key")).unwrap();
    std::fs::write(folder.path().join("wigwag.db-wal"), "pages").unwrap();
    let ended = in_folder(&folder, &serve);
    assert!(!ended.succeeded && ended.complained.contains("wigwag.db-wal"), "{ended:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = used_folder();
    std::fs::set_permissions(folder.path().join("app.key"), Permissions::from_mode(0o644)).unwrap();
    for words in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "alice"]] {
        let ended = in_folder(&folder, words);
        assert!(!ended.succeeded && ended.complained.contains("chmod 600"), "{ended:?}");
    }
}
