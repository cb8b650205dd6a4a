//! Variables that look like settings and are none.
//!
//! A slip in a name would quietly leave its default in force, so it is refused. Other names that begin like ours are not: a test may
//! have some of its own, and Kubernetes makes `WIGWAG_PORT` and more for a service that is called `wigwag`.

use confique::Config as _;
use confique::meta::{FieldKind, LeafKind, Meta};

use super::{Config, ConfigError};

/// What the names of our variables begin with.
const OURS: &str = "WIGWAG_";
/// The variable that names the file.
pub(super) const FILE_VARIABLE: &str = "WIGWAG_CONFIG";
/// The variable that holds the key of a back end, for commands that ask a server as one.
const API_KEY_VARIABLE: &str = "WIGWAG_API_KEY";
/// Letters that may be wrong, missing, too many or swapped in a name that is meant to be another.
const SLIPS: usize = 2;

/// Refuses the first name that is nearly that of a setting.
pub(super) fn check(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known = known();
    for name in unknown(names, &known) {
        let near = known.iter().map(|known| (strsim::damerau_levenshtein(&name, known), known)).min();
        if let Some((slips, meant)) = near
            && slips <= SLIPS
        {
            return Err(ConfigError::new(format!(
                "the environment variable {name} is no setting: {meant} is. Rename it, or remove it"
            )));
        }
    }
    Ok(())
}

/// The names in the environment that begin like settings and are none, so that somebody may wonder why they do nothing.
pub fn unknown_variables() -> Vec<String> {
    unknown(names(), &known())
}

/// The key of a back end in the environment, if there is one that is text.
pub fn api_key() -> Option<String> {
    std::env::var_os(API_KEY_VARIABLE)?.into_string().ok()
}

/// The names in the environment, as far as they are text.
pub(super) fn names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

fn unknown(names: impl Iterator<Item = String>, known: &[&str]) -> Vec<String> {
    let mut unknown: Vec<String> =
        names.filter(|name| name.starts_with(OURS) && !known.contains(&name.as_str())).collect();
    unknown.sort();
    unknown
}

fn known() -> Vec<&'static str> {
    let mut known = vec![FILE_VARIABLE, API_KEY_VARIABLE];
    collect(&Config::META, &mut known);
    known
}

fn collect(meta: &'static Meta, into: &mut Vec<&'static str>) {
    for field in meta.fields {
        match &field.kind {
            FieldKind::Leaf { env, kind: LeafKind::Required { .. } | LeafKind::Optional } => {
                into.extend(*env);
            }
            FieldKind::Nested { meta } => collect(meta, into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(names: &[&str]) -> Result<(), String> {
        check(names.iter().map(|name| (*name).to_owned())).map_err(|error| error.to_string())
    }

    #[test]
    fn a_slip_in_a_name_is_refused_with_the_name_that_was_meant() {
        for (slip, meant) in [
            ("WIGWAG_STORE_ULR", "WIGWAG_STORE_URL"),
            ("WIGWAG_STOREURL", "WIGWAG_STORE_URL"),
            ("WIGWAG_BUS_URI", "WIGWAG_BUS_URL"),
            ("WIGWAG_AUTH_KEYS", "WIGWAG_AUTH_KEY"),
            ("WIGWAG_CONFIGS", "WIGWAG_CONFIG"),
            ("WIGWAG_LIMIT_INVITEES", "WIGWAG_LIMITS_INVITEES"),
        ] {
            let error = checked(&["HOME", "WIGWAG_LISTEN", slip]).unwrap_err();
            assert!(error.contains(slip) && error.contains(&format!("{meant} is")), "{error}");
        }
    }

    #[test]
    fn settings_and_names_of_others_are_taken() {
        let known = known();
        assert!(known.len() > 40 && known.contains(&"WIGWAG_SESSIONS_MAILBOX"), "{known:?}");
        assert_eq!(checked(&known), Ok(()));
        let others = [
            "WIGWAG_PORT",
            "WIGWAG_PORT_8710_TCP_ADDR",
            "WIGWAG_SERVICE_HOST",
            "WIGWAG_BIN",
            "WIGWAG_URL",
            "WIGWAG_SIM_SEEDS",
            "WIGWAGGLE",
        ];
        assert_eq!(checked(&others), Ok(()));
        let unknown = unknown(others.iter().map(|name| (*name).to_owned()), &known);
        assert_eq!(unknown.len(), 6, "{unknown:?}");
    }
}
