//! Free ports.

use std::net::TcpListener;

use crate::process::{NotStarted, Process};

/// Ports below those that the kernel gives to outgoing connections (from 32768 on, by default). So a client that
/// reconnects while its engine is down cannot be given the engine's own port, which would connect it to itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port costs a try when another process listens on it, or takes it before the engine starts.
const TRIES: usize = 50;

/// Calls `start` with free ports until the engine gets one. Panics when the engine does not start for another reason.
pub(crate) fn on_a_free_port(mut start: impl FnMut(u16) -> Result<Process, NotStarted>) -> (u16, Process) {
    for _ in 0..TRIES {
        let port = fastrand::u16(PORTS);
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            continue;
        }
        match start(port) {
            Ok(process) => return (port, process),
            Err(not_started) if not_started.port_was_taken() => {}
            Err(not_started) => panic!("{not_started}"),
        }
    }
    panic!("no free port between {} and {} in {TRIES} tries", PORTS.start, PORTS.end);
}
