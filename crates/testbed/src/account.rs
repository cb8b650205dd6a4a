//! The account under which PostgreSQL runs: it refuses to run as root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// An account other than root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    user: u32,
    group: u32,
}

/// Accounts that may be used; the first that exists is.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

impl Account {
    /// The account to change to; `None` unless this process runs as root.
    pub(crate) fn to_change_to() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let accounts = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let found = UNPRIVILEGED.iter().find_map(|name| Self::named(&accounts, name));
        Some(found.expect("root needs an account `postgres` or `nobody` to run PostgreSQL under"))
    }

    /// Makes `command` run under the account.
    pub(crate) fn applies_to(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }

    /// Makes the account the owner of a file or folder.
    pub(crate) fn takes(self, path: &Path) {
        std::os::unix::fs::chown(path, Some(self.user), Some(self.group))
            .unwrap_or_else(|why| panic!("cannot give {} away: {why}", path.display()));
    }

    /// Finds the account in lines such as `nobody:x:65534:65534:…`.
    fn named(accounts: &str, name: &str) -> Option<Self> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (found, _password) = (fields.next()?, fields.next()?);
            let (user, group) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            (found == name).then_some(Self { user, group })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_their_whole_name() {
        let accounts =
            "root:x:0:0::/:/bin/sh\nnobody2:x:7:7:::\nnobody:x:65534:65533:nobody:/:/sbin/nologin\n";
        assert_eq!(Account::named(accounts, "nobody"), Some(Account { user: 65534, group: 65533 }));
        assert_eq!(Account::named(accounts, "postgres"), None);
    }
}
