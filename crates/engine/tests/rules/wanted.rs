//! What a request is said to read beforehand ([`Wanted`]) is what the rules read.

use wigwag_engine::decide::{Surroundings, decide};
use wigwag_engine::wanted::Wanted;
use wigwag_engine::{Command, Decision, Due, Key, Ledger, Request, Stop};
use wigwag_protocol::UserId;
use wigwag_sim::Commands;

/// A request names its own keys, then the parties of its invitation or the open invitations of its group, then theirs.
const MOST_LOADS: usize = 3;

/// With nothing loaded beforehand, the wanted keys are enough to decide. Those of a request that changes something are
/// all read.
pub(crate) fn check(server: &Commands, request: &Request, now: u64, online: &dyn Fn(&UserId) -> bool) {
    let around = Surroundings { now, limits: &server.limits, online };
    let keys = load_wanted(server, request);
    let came_to = decide_with(server, &keys, request, &around);
    if let Err(Stop::Missing(missing)) = &came_to {
        panic!("{request:?} is not said to read {missing:?}");
    }
    let changes_something = came_to.is_ok_and(|decision| !decision.is_empty());
    if !changes_something {
        return;
    }
    for (place, key) in keys.iter().enumerate().filter(|(_, key)| !may_be_in_vain(request, key)) {
        let mut others = keys.clone();
        others.remove(place);
        let without = decide_with(server, &others, request, &around);
        assert!(matches!(without, Err(Stop::Missing(_))), "{request:?} does not read {key:?}");
    }
}

fn load_wanted(server: &Commands, request: &Request) -> Vec<Key> {
    let mut ledger = Ledger::default();
    let mut wanted = Wanted::of(request);
    let mut loaded = Vec::new();
    for _ in 0..=MOST_LOADS {
        let keys = wanted.missing(&ledger);
        if keys.is_empty() {
            return loaded;
        }
        for key in keys {
            ledger.take(server.journal.load(&key));
            loaded.push(key);
        }
    }
    panic!("{request:?} is still not loaded after {MOST_LOADS} loads: {loaded:?}");
}

fn decide_with(
    server: &Commands,
    keys: &[Key],
    request: &Request,
    around: &Surroundings<'_>,
) -> Result<Decision, Stop> {
    let mut ledger = Ledger::default();
    for key in keys {
        ledger.take(server.journal.load(key));
    }
    decide(&ledger, request, around, &mut server.ids.clone())
}

/// Keys that a request may turn out not to read, although it changes something.
fn may_be_in_vain(request: &Request, key: &Key) -> bool {
    match key {
        // Parties who left the group or were settled before are not told of the end, and whoever is offline is not
        // told of what is for those online.
        Key::User(_) => true,
        Key::Conversation(_) => leaves_no_message(request),
        // Nobody is told of an invitation that is closed for its age.
        Key::Group(_) => matches!(request, Request::Due(Due::Invitation(_))),
        Key::Block(..)
        | Key::Invitation(_)
        | Key::OpenCount(_)
        | Key::OpenInGroup(_)
        | Key::Message(..)
        | Key::ClientMessage(..)
        | Key::Read(..) => false,
    }
}

/// Not a modified invitation, nor one that is closed for its age or with its group, nor a member's going when they have
/// no open invitation.
fn leaves_no_message(request: &Request) -> bool {
    match request {
        Request::Due(Due::Invitation(_)) => true,
        Request::By(_, command) => matches!(
            command,
            Command::Modify(_)
                | Command::QuitGroup(_)
                | Command::RemoveMembers(..)
                | Command::DismissGroup(_)
        ),
    }
}
