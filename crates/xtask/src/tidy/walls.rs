//! Which part of the code may name what.

use super::mentions::mentions;

/// In files under one of `places`, but not under one of `except`, no path contains one of `forbidden` as whole segments.
struct Wall {
    places: &'static [&'static str],
    except: &'static [&'static str],
    forbidden: &'static [&'static str],
    why: &'static str,
}

const WALLS: [Wall; 12] = [
    Wall {
        places: &["crates/engine/src/", "crates/session/src/"],
        except: &[],
        forbidden: &[
            "tokio",
            "std::fs",
            "std::net",
            "std::thread",
            "std::process",
            "std::env",
            "std::io",
            "std::os",
        ],
        why: "the engine and the session do no I/O and never wait",
    },
    Wall {
        places: &["crates/engine/src/", "crates/session/src/"],
        except: &[],
        forbidden: &["SystemTime", "Instant", "rand", "fastrand", "getrandom", "uuid", "RandomState"],
        why: "time and chance come into the engine and the session as arguments",
    },
    Wall {
        places: &["crates/session/src/"],
        except: &["crates/session/src/codec"],
        forbidden: &["serde_json", "wigwag_protocol::frame"],
        why: "only a codec knows how a protocol writes its frames",
    },
    Wall {
        places: &["crates/server/src/"],
        except: &["crates/server/src/store/sqlite"],
        forbidden: &["rusqlite"],
        why: "SQLite is named only in store/sqlite",
    },
    Wall {
        places: &["crates/server/src/"],
        except: &["crates/server/src/store/postgres"],
        forbidden: &["tokio_postgres", "tokio_postgres_rustls", "deadpool_postgres", "refinery"],
        why: "PostgreSQL is named only in store/postgres",
    },
    Wall {
        places: &["crates/server/src/"],
        except: &["crates/server/src/bus/nats"],
        forbidden: &["async_nats"],
        why: "NATS is named only in bus/nats",
    },
    Wall {
        places: &["crates/server/src/"],
        except: &["crates/server/src/config"],
        forbidden: &["env::var", "env::vars", "env::var_os", "env::vars_os", "env::set_var"],
        why: "the environment is read only in config",
    },
    Wall {
        places: &["crates/server/src/door", "crates/server/src/store", "crates/server/src/router"],
        except: &[],
        forbidden: &[
            "crate::gateway",
            "crate::timers",
            "crate::cluster",
            "super::gateway",
            "super::timers",
            "super::cluster",
        ],
        why: "gateway, timers and cluster bring requests to the door; nothing behind it names them",
    },
    Wall {
        places: &["crates/server/src/door"],
        except: &[],
        forbidden: &["axum", "hyper", "rusqlite", "tokio_postgres", "tungstenite"],
        why: "the door sees no socket, no HTTP type and no SQL",
    },
    Wall {
        places: &["crates/server/src/"],
        except: &["crates/server/src/door", "crates/server/src/store"],
        forbidden: &["Submission", "submit"],
        why: "every entrance hands its requests to the door; only the door submits to the store",
    },
    Wall {
        places: &["crates/server/src/gateway", "crates/server/src/api", "crates/server/src/timers.rs"],
        except: &[],
        forbidden: &["store::Store", "store::shared"],
        why: "an entrance asks the door, never the store",
    },
    Wall {
        places: &["crates/"],
        except: &[
            "crates/server/build.rs",
            "crates/server/src/cli",
            "crates/server/src/main.rs",
            "crates/client/examples/",
            "crates/bench/",
            "crates/sim/src/bin/",
            "crates/xtask/",
        ],
        forbidden: &["println!", "eprintln!", "print!", "eprint!"],
        why: "only the command line and build scripts print; everything else traces",
    },
];

/// Every path in the file that the walls around it forbid.
pub(super) fn breaches(path: &str, text: &str) -> Result<Vec<String>, String> {
    let is_rust = std::path::Path::new(path).extension().is_some_and(|extension| extension == "rs");
    let walls: Vec<&Wall> = WALLS.iter().filter(|wall| is_rust && wall.surrounds(path)).collect();
    if walls.is_empty() {
        return Ok(Vec::new());
    }
    let mentions = mentions(text).map_err(|why| format!("{path}: {why}"))?;
    let breaches = mentions.iter().flat_map(|mention| {
        let broken = walls.iter().filter(|wall| wall.forbids(&mention.path));
        broken.map(|wall| format!("{path}:{}: {}: {}", mention.line, mention.path, wall.why))
    });
    Ok(breaches.collect())
}

impl Wall {
    fn surrounds(&self, path: &str) -> bool {
        // Tests in files of their own are as free as those inside braces.
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            return false;
        }
        let under = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
        under(self.places) && !under(self.except)
    }

    fn forbids(&self, path: &str) -> bool {
        let path = format!("::{path}::");
        self.forbidden.iter().any(|name| path.contains(&format!("::{name}::")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> usize {
        breaches(path, text).unwrap().len()
    }

    #[test]
    fn the_engine_waits_for_nothing_and_reads_no_clock() {
        let file = "crates/engine/src/decide.rs";
        assert_eq!(broken(file, "use std::time::{Duration, Instant};"), 1);
        assert_eq!(broken(file, "use std::{collections::BTreeMap, fs};"), 1);
        assert_eq!(broken(file, "fn f() { tokio::spawn(async {}); }"), 1);
        assert_eq!(broken(file, "use std::time::Duration; // Instant\nuse std::fmt;"), 0);
        assert_eq!(broken("crates/engine/src/invitation/tests.rs", "use std::time::Instant;"), 0);
        assert_eq!(broken("crates/session/src/greeting/mod.rs", "use std::time::{Duration, Instant};"), 1);
        assert_eq!(broken("crates/session/src/session/mod.rs", "use tokio::sync::mpsc;"), 1);
    }

    #[test]
    fn the_server_keeps_its_rooms_apart() {
        assert_eq!(broken("crates/server/src/store/mod.rs", "use rusqlite::Connection;"), 1);
        assert_eq!(broken("crates/server/src/store/sqlite/writer.rs", "use rusqlite::Connection;"), 0);
        assert_eq!(broken("crates/server/src/store/sqlite/mod.rs", "use tokio_postgres::Client;"), 1);
        assert_eq!(broken("crates/server/src/store/postgres/mod.rs", "use tokio_postgres::Client;"), 0);
        assert_eq!(broken("crates/server/src/cluster/mod.rs", "use async_nats::Client;"), 1);
        assert_eq!(broken("crates/server/src/bus/nats/telling.rs", "use async_nats::Client;"), 0);
        assert_eq!(broken("crates/server/src/router/post.rs", "use crate::cluster::Cluster;"), 1);
        assert_eq!(broken("crates/server/src/router/mod.rs", "use crate::{gateway::Mailbox, store};"), 1);
        assert_eq!(broken("crates/server/src/door/query.rs", "use axum::http::StatusCode;"), 1);
        assert_eq!(broken("crates/server/src/timers.rs", "use crate::store::{Store, Submission};"), 2);
        assert_eq!(broken("crates/server/src/door/mod.rs", "use crate::store::{Store, Submission};"), 0);
        assert_eq!(broken("crates/server/src/auth.rs", "fn f() { std::env::var(\"X\"); }"), 1);
        assert_eq!(broken("crates/server/src/config/mod.rs", "fn f() { std::env::var(\"X\"); }"), 0);
        assert_eq!(broken("crates/server/src/app.rs", "fn f() { eprintln!(\"x\"); }"), 1);
        assert_eq!(broken("crates/server/src/cli/token.rs", "fn f() { println!(\"x\"); }"), 0);
    }
}
