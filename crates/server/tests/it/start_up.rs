//! A server that cannot start says in one line why and what to do.

use std::net::TcpListener;

use crate::world::{Ended, World, wigwag, wigwag_with};

/// One line on standard error with all of these in it, and a bad exit code.
fn says(ended: &Ended, words: &[&str]) {
    assert!(!ended.succeeded, "{ended:?}");
    assert_eq!(ended.complained.trim_end().lines().count(), 1, "{ended:?}");
    assert!(ended.complained.starts_with("wigwag: "), "{ended:?}");
    assert!(!ended.complained.contains("panicked"), "{ended:?}");
    for word in words {
        assert!(ended.complained.contains(word), "{word:?} is not in {ended:?}");
    }
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let world = World::prepared("");
    let (config, data) = (world.config_file(), world.data());
    let ended = wigwag(&[
        "serve",
        "--config",
        &config.to_string_lossy(),
        "--data",
        &data.to_string_lossy(),
        "--listen",
        &address,
    ]);
    says(&ended, &[&address, "in use", "--listen"]);
}

#[test]
fn a_data_folder_that_cannot_be_made() {
    let world = World::prepared("");
    let under_a_file = world.config_file().join("data");
    let config = world.config_file();
    let ended =
        wigwag(&["serve", "--config", &config.to_string_lossy(), "--data", &under_a_file.to_string_lossy()]);
    says(&ended, &["cannot write to the data folder", "--data"]);
}

#[test]
fn a_data_folder_of_somebody_else() {
    let world = World::prepared("");
    // Even root cannot write here.
    let ended =
        wigwag(&["serve", "--config", &world.config_file().to_string_lossy(), "--data", "/proc/wigwag"]);
    says(&ended, &["cannot write to the data folder /proc/wigwag", "--data"]);
}

#[test]
fn a_file_that_is_no_database() {
    let world = World::prepared("");
    std::fs::create_dir_all(world.data()).unwrap();
    std::fs::write(world.data().join("wigwag.db"), "these are no tables ".repeat(1_000)).unwrap();
    says(&world.fails_to_start(), &["wigwag.db", "is not a sound database", "backup"]);
}

#[tokio::test]
async fn a_database_with_a_hole_in_it() {
    let mut world = World::start();
    let mut alice = world.person("alice").await;
    world.person("bob").await;
    for number in 0..200 {
        alice.texts("bob", &format!("{number} {}", "x".repeat(500))).await;
    }
    world.stop();
    let path = world.data().join("wigwag.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // The schema is whole; what is in the tables is not.
    for byte in bytes.iter_mut().skip(4_096) {
        *byte = 0x5a;
    }
    std::fs::write(&path, bytes).unwrap();
    says(&world.fails_to_start(), &["wigwag.db", "is not a sound database", "backup"]);
}

#[test]
fn a_database_of_a_newer_version() {
    let mut world = World::start();
    world.stop();
    let database = rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap();
    database.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(database);
    says(&world.fails_to_start(), &["newer wigwag", "schema 99", "backup"]);
    let (config, data) = (world.config_file(), world.data());
    says(&crate::world::command(&config, &data, &["migrate"]), &["newer wigwag", "schema 99"]);
}

#[test]
fn a_second_server_in_the_same_folder() {
    let world = World::start();
    says(&world.fails_to_start(), &["another wigwag server", "--data"]);
    let (config, data) = (world.config_file(), world.data());
    says(&crate::world::command(&config, &data, &["migrate"]), &["another wigwag server"]);
}

#[test]
fn a_configuration_that_is_wrong() {
    for (config, words) in [
        ("[limits]\ndata_bites = 5\n", vec!["wigwag.toml", "line 4", "data_bites"]),
        ("[limits]\ndata_bytes = \"many\"\n", vec!["wigwag.toml", "line 4"]),
        ("[limits]\ndata_bytes = 0\n", vec!["limits.data_bytes", "1 to"]),
        ("[sessions]\nping_interval_s = 1\n", vec!["sessions.ping_interval_s", "5 to 3600"]),
        ("[tls]\ncert = \"nowhere.pem\"\n", vec!["tls.key"]),
        ("[tls]\ncert = \"nowhere.pem\"\nkey = \"nowhere.key\"\n", vec!["tls.cert", "nowhere.pem"]),
        ("[log]\nlevel = \"loud\"\n", vec!["log.level", "loud"]),
        ("[auth]\njwks_file = \"nowhere.json\"\n", vec!["nowhere.json"]),
        ("this is no TOML", vec!["wigwag.toml", "line 3"]),
    ] {
        says(&World::prepared(config).fails_to_start(), &words);
    }
    for (flags, words) in [
        (&["--plain"][..], vec!["--dev", "as anybody", "leave --plain away"]),
        (
            &["--plain", "--listen", "0.0.0.0:0"],
            vec!["--dev", "can be reached by other machines", "wigwag token"],
        ),
    ] {
        let world = World::prepared("");
        let (config, data) = (world.config_file(), world.data());
        let mut all = vec!["serve", "--dev"];
        all.extend(flags);
        says(&crate::world::command(&config, &data, &all), &words);
    }
    let world = World::prepared("");
    let data = world.data();
    let ended = wigwag(&["serve", "--config", "no-such.toml", "--data", &data.to_string_lossy()]);
    says(&ended, &["no-such.toml"]);
    let config = world.config_file();
    let open = [
        "serve",
        "--config",
        &config.to_string_lossy(),
        "--data",
        &data.to_string_lossy(),
        "--listen",
        "0.0.0.0:0",
    ];
    says(&wigwag(&open), &["without encryption", "--plain"]);
}

#[test]
fn a_slip_in_the_name_of_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_string_lossy();
    let words = ["serve", "--listen", "127.0.0.1:0", "--data", &data];
    let ended = wigwag_with(&[("WIGWAG_STORE_ULR", "postgres://db/w")], &words);
    says(&ended, &["WIGWAG_STORE_ULR is no setting", "WIGWAG_STORE_URL is"]);
    assert!(!folder.path().join("wigwag.db").exists());
}

#[test]
fn a_damaged_key_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.key"), "short").unwrap();
    let ended = wigwag(&["serve", "--listen", "127.0.0.1:0", "--data", &folder.path().to_string_lossy()]);
    says(&ended, &["app.key", "delete the file"]);
}
