//! The words that stand for small enumerations in the tables.

use wigwag_protocol::group::{JoinPolicy, Role};

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

pub(super) fn read_role(text: &str) -> Role {
    match text {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        _ => Role::Member,
    }
}

pub(super) fn join_policy(policy: JoinPolicy) -> &'static str {
    match policy {
        JoinPolicy::Free => "free",
        JoinPolicy::InviteOnly => "inviteOnly",
    }
}

pub(super) fn read_join_policy(text: &str) -> JoinPolicy {
    if text == "inviteOnly" { JoinPolicy::InviteOnly } else { JoinPolicy::Free }
}
