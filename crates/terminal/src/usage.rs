//! What can be typed, for `help` and for errors.

/// One line of the help.
pub(super) struct Usage {
    pub(super) name: &'static str,
    pub(super) form: &'static str,
    pub(super) what: &'static str,
}

const fn usage(name: &'static str, form: &'static str, what: &'static str) -> Usage {
    Usage { name, form, what }
}

/// Every command, in the order of the help.
pub(super) const USAGES: &[Usage] = &[
    usage(
        "invite",
        "invite USER [--data TEXT] [--timeout SECONDS] [--online-only]",
        "ring a user (30 s unless said; 0 = no end)",
    ),
    usage(
        "invite-group",
        "invite-group GROUP USER… [--data TEXT] [--timeout SECONDS] [--online-only]",
        "ring members of a group",
    ),
    usage(
        "call",
        "call USER [--audio] [--data TEXT] [--timeout SECONDS] [--online-only]",
        "call a user, with video unless --audio is said; the answer is `accept` or `reject`, as of any invitation",
    ),
    usage(
        "call-group",
        "call-group GROUP USER… [--audio] [--data TEXT] [--timeout SECONDS] [--online-only]",
        "call members of a group",
    ),
    usage("join", "join ROOM", "enter a running call of a group, invited or not"),
    usage("hangup", "hangup [ROOM]", "leave the call you are in, or end the one that rings"),
    usage("accept", "accept [INVITEID|last] [TEXT]", "accept an invitation; the newest if none is named"),
    usage("reject", "reject [INVITEID|last] [TEXT]", "reject an invitation; the newest if none is named"),
    usage(
        "cancel",
        "cancel [INVITEID|last] [TEXT]",
        "take your invitation back; the newest if none is named",
    ),
    usage("modify", "modify INVITEID|last TEXT", "replace an invitation's data"),
    usage("show", "show [INVITEID|last]", "show an invitation, open or ended"),
    usage("open", "open", "list the open invitations"),
    usage("send", "send USER|#GROUP TEXT", "send a text message"),
    usage("custom", "custom USER|#GROUP DATA", "send a custom message"),
    usage("history", "history USER|#GROUP [COUNT]", "show the newest messages (20 unless said, at most 100)"),
    usage("read", "read USER|#GROUP [SEQ]", "mark as read, up to the newest unless said"),
    usage("revoke", "revoke USER|#GROUP SEQ", "take back your own message"),
    usage("conversations", "conversations", "list conversations with unread counts"),
    usage("group", "group create GROUP [USER…] [--name TEXT] [--invite-only]", "create a group and own it"),
    usage("group", "group join|quit|dismiss|members|info GROUP", "join, leave, dismiss or look at a group"),
    usage("group", "group add|remove GROUP USER…", "add or remove members"),
    usage(
        "group",
        "group role GROUP USER member|admin|owner",
        "change a member's role, or hand the group over",
    ),
    usage("group", "group list", "list your groups"),
    usage("profile", "profile [USER…]", "show profiles; your own if none is named"),
    usage("profile", "profile set nickname|face|ext TEXT", "change your profile"),
    usage("block", "block USER", "refuse a user's invitations and messages"),
    usage("unblock", "unblock USER", "hear from a user again"),
    usage("blocked", "blocked", "list the users you have blocked"),
    usage("whoami", "whoami", "show who and where you are"),
    usage("wait", "wait TYPE [SECONDS]", "wait for an event such as invitation.accepted (30 s unless said)"),
    usage("help", "help [COMMAND]", "show this"),
    usage("quit", "quit", "leave"),
];

/// The help, of one command or of all.
pub(super) fn help(name: Option<&str>) -> Vec<String> {
    let chosen: Vec<&Usage> =
        USAGES.iter().filter(|usage| name.is_none_or(|name| usage.name == name)).collect();
    let width = chosen.iter().map(|usage| usage.form.chars().count()).filter(|width| *width < 48).max();
    chosen
        .iter()
        .map(|usage| format!("  {:<width$}  {}", usage.form, usage.what, width = width.unwrap_or(0)))
        .collect()
}

/// The forms of one command, for an error.
pub(super) fn forms(name: &str) -> String {
    let forms: Vec<&str> = USAGES.iter().filter(|usage| usage.name == name).map(|usage| usage.form).collect();
    forms.join("\n       ")
}
