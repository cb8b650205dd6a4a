//! What is said where: `wigwag.<sdkAppID>.u.<user>` reaches the nodes that follow a user, `wigwag.<sdkAppID>.all` every
//! node, `wigwag.<sdkAppID>.presence` every node that knows about presence, `wigwag.<sdkAppID>.steps` the one that pushes. Nothing is ever
//! heard at `wigwag.<sdkAppID>.nobody`.

use std::fmt::Write;

use wigwag_protocol::UserId;

/// The subjects of one app.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    sdk_app_id: u32,
}

impl Subjects {
    pub(super) fn of(sdk_app_id: u32) -> Self {
        Self { sdk_app_id }
    }

    /// Heard by the nodes that follow the user.
    pub(super) fn user(&self, user: &UserId) -> String {
        let mut subject = format!("wigwag.{}.u.", self.sdk_app_id);
        append_token(&mut subject, user.as_str());
        subject
    }

    /// Heard by the node that pushes.
    pub(super) fn steps(&self) -> String {
        format!("wigwag.{}.steps", self.sdk_app_id)
    }

    /// Heard by every node.
    pub(super) fn all(&self) -> String {
        format!("wigwag.{}.all", self.sdk_app_id)
    }

    /// Where nodes ask each other who is online; heard by every node that can answer.
    pub(super) fn presence(&self) -> String {
        format!("wigwag.{}.presence", self.sdk_app_id)
    }

    /// Heard by no node: a question asked there is answered by the server itself, at once.
    pub(super) fn nobody(&self) -> String {
        format!("wigwag.{}.nobody", self.sdk_app_id)
    }
}

/// Printable ASCII as one token of a subject. Of those characters NATS gives a meaning to `.`, `*` and `>`; they are
/// written as `%` with two hex digits, and so is `%` itself, so that no two names become the same token.
fn append_token(subject: &mut String, name: &str) {
    for character in name.chars() {
        if matches!(character, '.' | '*' | '>' | '%') {
            // Writing into a String cannot fail.
            write!(subject, "%{:02X}", u32::from(character)).ok();
        } else {
            subject.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_one_token_of_its_own() {
        let subjects = Subjects::of(7);
        let characters: Vec<String> = (b'!'..=b'~').map(|byte| char::from(byte).to_string()).collect();
        let escapes =
            ["%2E", "%2A", "%3E", "%25", "%", "%%", "a.b", "a%2Eb", "..", "$SYS.>"].map(str::to_owned);
        let pairs = characters.iter().flat_map(|a| characters.iter().map(move |b| format!("{a}{b}")));
        let names: BTreeSet<String> = characters.iter().cloned().chain(pairs).chain(escapes).collect();
        let subjects: BTreeSet<String> =
            names.iter().map(|name| subjects.user(&UserId::parse(name).unwrap())).collect();
        assert_eq!(subjects.len(), names.len(), "two names have one subject");
        for subject in subjects {
            let token = subject.strip_prefix("wigwag.7.u.").unwrap();
            assert!(!token.is_empty() && !token.contains(['.', '*', '>', ' ']), "{subject}");
        }
    }
}
