//! What a line asks for. Reading a line is pure: names are checked, nothing is looked up.

use std::str::FromStr;

use wigwag_protocol::group::Role;
use wigwag_protocol::message::Peer;
use wigwag_protocol::{Event, GroupId, InviteId, RoomId, UserId};

use crate::usage;
use crate::words::Words;

/// A command of the person, or the script, at the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Invite { user: UserId, ring: Ring },
    InviteGroup { group: GroupId, users: Vec<UserId>, ring: Ring },
    Answer { verb: Verb, target: Target, text: String },
    Join(RoomId),
    HangUp(Option<RoomId>),
    Modify { target: Target, text: String },
    Show(Target),
    Open,
    Send { peer: Peer, text: String },
    Custom { peer: Peer, data: String },
    History { peer: Peer, count: u32 },
    Read { peer: Peer, seq: Option<u64> },
    Revoke { peer: Peer, seq: u64 },
    Conversations,
    Group(GroupCommand),
    Profile(Vec<UserId>),
    SetProfile { field: ProfileField, text: String },
    Block(UserId),
    Unblock(UserId),
    Blocked,
    Whoami,
    Wait { kind: &'static str, seconds: u32 },
    Help(Option<String>),
    Quit,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum GroupCommand {
    Create { group: GroupId, users: Vec<UserId>, name: String, invite_only: bool },
    Join(GroupId),
    Quit(GroupId),
    Dismiss(GroupId),
    Add { group: GroupId, users: Vec<UserId> },
    Remove { group: GroupId, users: Vec<UserId> },
    Members(GroupId),
    Info(GroupId),
    Role { group: GroupId, user: UserId, role: Role },
    List,
}

/// How to ring.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) data: String,
    /// Seconds; the server's default when absent.
    pub(super) timeout: Option<u32>,
    pub(super) online_only: bool,
    /// What kind of call it opens; `None` when it opens none.
    pub(super) media: Option<Media>,
}

/// What the people in a call send each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Audio,
    Video,
}

/// What settles an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Accept,
    Reject,
    Cancel,
}

/// Which invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The newest open one that fits.
    Last,
    /// This one, or the open one whose inviteID starts or ends with it.
    Named(InviteId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProfileField {
    Nickname,
    Face,
    Ext,
}

/// Seconds that `wait` waits unless told otherwise: as long as an invitation rings.
const DEFAULT_WAIT: u32 = 30;
/// Messages that `history` shows unless told otherwise.
const DEFAULT_HISTORY: u32 = 20;

impl Command {
    /// Reads a line; `None` when it is empty or a comment (`#` and a space, or `#` alone). An error says what is wrong
    /// and how the command is used.
    pub(super) fn read(line: &str) -> Result<Option<Self>, String> {
        let mut words = Words::new(line);
        match words.word().as_deref() {
            None | Some("#") => Ok(None),
            Some(name) => {
                read_named(name, &mut words).map(Some).map_err(|why| match usage::forms(name).as_str() {
                    "" => why,
                    forms => format!("{why}\nusage: {forms}"),
                })
            }
        }
    }
}

fn read_named(name: &str, words: &mut Words<'_>) -> Result<Command, String> {
    let command = match name {
        "invite" => invite(words, None)?,
        "invite-group" => invite_group(words, None)?,
        "call" => invite(words, Some(Media::Video))?,
        "call-group" => invite_group(words, Some(Media::Video))?,
        "join" => Command::Join(room(words)?.ok_or("ROOM is missing")?),
        "hangup" => Command::HangUp(room(words)?),
        "accept" => answer(Verb::Accept, words)?,
        "reject" => answer(Verb::Reject, words)?,
        "cancel" => answer(Verb::Cancel, words)?,
        "modify" => Command::Modify { target: target(words)?, text: text(words)? },
        "show" => Command::Show(target(words)?),
        "open" => Command::Open,
        "send" => Command::Send { peer: peer(words)?, text: text(words)? },
        "custom" => Command::Custom { peer: peer(words)?, data: text(words)? },
        "history" => Command::History { peer: peer(words)?, count: or(number(words)?, DEFAULT_HISTORY) },
        "read" => Command::Read { peer: peer(words)?, seq: number(words)? },
        "revoke" => Command::Revoke { peer: peer(words)?, seq: number(words)?.ok_or("SEQ is missing")? },
        "conversations" => Command::Conversations,
        "group" => Command::Group(group_command(words)?),
        "profile" => profile(words)?,
        "block" => Command::Block(user(words)?),
        "unblock" => Command::Unblock(user(words)?),
        "blocked" => Command::Blocked,
        "whoami" => Command::Whoami,
        "wait" => Command::Wait { kind: event_type(words)?, seconds: or(number(words)?, DEFAULT_WAIT) },
        "help" | "?" => Command::Help(words.word()),
        "quit" | "exit" => Command::Quit,
        unknown => return Err(format!("there is no command `{unknown}`; type `help` for a list")),
    };
    end(words)?;
    Ok(command)
}

/// `media` is that of the call that the invitation opens; `None` when it opens none.
fn invite(words: &mut Words<'_>, media: Option<Media>) -> Result<Command, String> {
    let user = user(words)?;
    let (others, ring) = ring(words, media)?;
    match others.first() {
        None => Ok(Command::Invite { user, ring }),
        Some(other) => Err(format!("`{other}` is too much; quote a text: --data \"two words\"")),
    }
}

fn invite_group(words: &mut Words<'_>, media: Option<Media>) -> Result<Command, String> {
    let group = group(words)?;
    let (users, ring) = ring(words, media)?;
    let users = some_users(&users)?;
    Ok(Command::InviteGroup { group, users, ring })
}

/// The options of an invitation, and the words between them.
fn ring(words: &mut Words<'_>, media: Option<Media>) -> Result<(Vec<String>, Ring), String> {
    let (mut ring, mut others) = (Ring { media, ..Ring::default() }, Vec::new());
    while let Some(word) = words.word() {
        match word.as_str() {
            "--data" => ring.data = words.word().ok_or("--data needs a text")?,
            "--timeout" => ring.timeout = Some(number(words)?.ok_or("--timeout needs seconds")?),
            "--online-only" => ring.online_only = true,
            "--audio" if media.is_some() => ring.media = Some(Media::Audio),
            option if option.starts_with("--") => return Err(format!("there is no option `{option}`")),
            _ => others.push(word),
        }
    }
    Ok((others, ring))
}

fn answer(verb: Verb, words: &mut Words<'_>) -> Result<Command, String> {
    Ok(Command::Answer { verb, target: target(words)?, text: words.text() })
}

fn group_command(words: &mut Words<'_>) -> Result<GroupCommand, String> {
    let command = words.word().ok_or("what about groups?")?;
    Ok(match command.as_str() {
        "create" => create(words)?,
        "join" => GroupCommand::Join(group(words)?),
        "quit" => GroupCommand::Quit(group(words)?),
        "dismiss" => GroupCommand::Dismiss(group(words)?),
        "add" => GroupCommand::Add { group: group(words)?, users: some_users(&words.all())? },
        "remove" => GroupCommand::Remove { group: group(words)?, users: some_users(&words.all())? },
        "members" => GroupCommand::Members(group(words)?),
        "info" => GroupCommand::Info(group(words)?),
        "role" => GroupCommand::Role { group: group(words)?, user: user(words)?, role: role(words)? },
        "list" => GroupCommand::List,
        unknown => return Err(format!("there is no command `group {unknown}`")),
    })
}

fn create(words: &mut Words<'_>) -> Result<GroupCommand, String> {
    let group = group(words)?;
    let (mut users, mut name, mut invite_only) = (Vec::new(), group.as_str().to_owned(), false);
    while let Some(word) = words.word() {
        match word.as_str() {
            "--name" => name = words.word().ok_or("--name needs a text")?,
            "--invite-only" => invite_only = true,
            option if option.starts_with("--") => return Err(format!("there is no option `{option}`")),
            user => users.push(parsed(user)?),
        }
    }
    Ok(GroupCommand::Create { group, users, name, invite_only })
}

fn profile(words: &mut Words<'_>) -> Result<Command, String> {
    let all = words.text();
    let mut words = Words::new(&all);
    match words.word().as_deref() {
        Some("set") => {
            let field = match words.word().as_deref() {
                Some("nickname") => ProfileField::Nickname,
                Some("face") => ProfileField::Face,
                Some("ext") => ProfileField::Ext,
                _ => return Err("a profile has nickname, face and ext".to_owned()),
            };
            Ok(Command::SetProfile { field, text: words.text() })
        }
        _ => Ok(Command::Profile(users(&Words::new(&all).all())?)),
    }
}

fn target(words: &mut Words<'_>) -> Result<Target, String> {
    match words.word().as_deref() {
        None | Some("last") => Ok(Target::Last),
        Some(word) => parsed(word).map(Target::Named),
    }
}

fn peer(words: &mut Words<'_>) -> Result<Peer, String> {
    let word = words.word().ok_or("USER or #GROUP is missing")?;
    match word.strip_prefix('#') {
        Some(group) => parsed(group).map(Peer::Group),
        None => parsed(&word).map(Peer::User),
    }
}

fn user(words: &mut Words<'_>) -> Result<UserId, String> {
    parsed(&words.word().ok_or("USER is missing")?)
}

/// With or without the `#` that marks groups where users may stand too.
fn group(words: &mut Words<'_>) -> Result<GroupId, String> {
    let word = words.word().ok_or("GROUP is missing")?;
    parsed(word.strip_prefix('#').unwrap_or(&word))
}

fn room(words: &mut Words<'_>) -> Result<Option<RoomId>, String> {
    words.word().map(|word| parsed(&word)).transpose()
}

fn users(words: &[String]) -> Result<Vec<UserId>, String> {
    words.iter().map(|word| parsed(word)).collect()
}

fn some_users(words: &[String]) -> Result<Vec<UserId>, String> {
    if words.is_empty() { Err("USER is missing".to_owned()) } else { users(words) }
}

fn role(words: &mut Words<'_>) -> Result<Role, String> {
    match words.word().as_deref() {
        Some("member") => Ok(Role::Member),
        Some("admin") => Ok(Role::Admin),
        Some("owner") => Ok(Role::Owner),
        _ => Err("a role is member, admin or owner".to_owned()),
    }
}

fn event_type(words: &mut Words<'_>) -> Result<&'static str, String> {
    let word = words.word().ok_or("TYPE is missing")?;
    let known = Event::TYPES.iter().find(|known| **known == word);
    known.copied().ok_or_else(|| format!("there is no event `{word}`; there are {}", Event::TYPES.join(", ")))
}

fn text(words: &mut Words<'_>) -> Result<String, String> {
    let text = words.text();
    if text.is_empty() { Err("the text is missing".to_owned()) } else { Ok(text) }
}

fn number<N: FromStr>(words: &mut Words<'_>) -> Result<Option<N>, String> {
    let read = |word: String| word.parse().map_err(|_| format!("`{word}` is not a number that fits here"));
    words.word().map(read).transpose()
}

fn or<N>(given: Option<N>, default: N) -> N {
    given.unwrap_or(default)
}

fn parsed<T: FromStr<Err = wigwag_protocol::IdError>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error| format!("`{word}`: {error}"))
}

fn end(words: &mut Words<'_>) -> Result<(), String> {
    match words.word() {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is too much")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn group(name: &str) -> GroupId {
        GroupId::parse(name).unwrap()
    }

    fn named(id: &str) -> Target {
        Target::Named(InviteId::parse(id).unwrap())
    }

    fn reads(line: &str) -> Command {
        Command::read(line).unwrap_or_else(|why| panic!("{line}: {why}")).expect(line)
    }

    #[test]
    fn invitations_are_read() {
        let ring = |data: &str, timeout, online_only| Ring {
            data: data.to_owned(),
            timeout,
            online_only,
            media: None,
        };
        let bob = || user("bob");
        let answer = |verb, target, text: &str| Command::Answer { verb, target, text: text.to_owned() };
        let table = [
            ("invite bob", Command::Invite { user: bob(), ring: Ring::default() }),
            (
                r#"invite bob --data "two words" --timeout 5 --online-only"#,
                Command::Invite { user: bob(), ring: ring("two words", Some(5), true) },
            ),
            (
                "invite-group #class bob --data x carol",
                Command::InviteGroup {
                    group: group("class"),
                    users: vec![bob(), user("carol")],
                    ring: ring("x", None, false),
                },
            ),
            ("accept", answer(Verb::Accept, Target::Last, "")),
            ("accept last on my way, it's late", answer(Verb::Accept, Target::Last, "on my way, it's late")),
            ("reject i-1", answer(Verb::Reject, named("i-1"), "")),
            (r#"cancel "an id" never mind"#, answer(Verb::Cancel, named("an id"), "never mind")),
            (
                "modify last {\"a\": 1}",
                Command::Modify { target: Target::Last, text: "{\"a\": 1}".to_owned() },
            ),
            ("show", Command::Show(Target::Last)),
            ("open", Command::Open),
        ];
        for (line, expected) in table {
            assert_eq!(reads(line), expected, "{line}");
        }
    }

    #[test]
    fn calls_are_read() {
        let room = || RoomId::parse("r1").unwrap();
        let ring = |media| Ring { media: Some(media), ..Ring::default() };
        let members = vec![user("bob"), user("carol")];
        let table = [
            ("call bob", Command::Invite { user: user("bob"), ring: ring(Media::Video) }),
            ("call bob --audio", Command::Invite { user: user("bob"), ring: ring(Media::Audio) }),
            (
                "call-group #class bob carol",
                Command::InviteGroup { group: group("class"), users: members, ring: ring(Media::Video) },
            ),
            ("join r1", Command::Join(room())),
            ("hangup", Command::HangUp(None)),
            ("hangup r1", Command::HangUp(Some(room()))),
        ];
        for (line, expected) in table {
            assert_eq!(reads(line), expected, "{line}");
        }
    }

    #[test]
    fn messages_users_and_the_rest_are_read() {
        let bob = || Peer::User(user("bob"));
        let class = || Peer::Group(group("class"));
        let set = |field, text: &str| Command::SetProfile { field, text: text.to_owned() };
        let table = [
            ("send bob it's  me", Command::Send { peer: bob(), text: "it's  me".to_owned() }),
            ("send #class \"hi all\"", Command::Send { peer: class(), text: "hi all".to_owned() }),
            ("custom bob {}", Command::Custom { peer: bob(), data: "{}".to_owned() }),
            ("history bob", Command::History { peer: bob(), count: 20 }),
            ("history #class 5", Command::History { peer: class(), count: 5 }),
            ("read bob", Command::Read { peer: bob(), seq: None }),
            ("revoke bob 7", Command::Revoke { peer: bob(), seq: 7 }),
            ("profile", Command::Profile(vec![])),
            ("profile bob eve", Command::Profile(vec![user("bob"), user("eve")])),
            ("profile set nickname Bob the 1st", set(ProfileField::Nickname, "Bob the 1st")),
            ("block eve", Command::Block(user("eve"))),
            ("wait invitation.accepted", Command::Wait { kind: "invitation.accepted", seconds: 30 }),
            ("wait message.received 2", Command::Wait { kind: "message.received", seconds: 2 }),
            ("help send", Command::Help(Some("send".to_owned()))),
            ("exit", Command::Quit),
        ];
        for (line, expected) in table {
            assert_eq!(reads(line), expected, "{line}");
        }
    }

    #[test]
    fn group_commands_are_read() {
        let class = || group("class");
        let create = |users, name: &str, invite_only| GroupCommand::Create {
            group: class(),
            users,
            name: name.to_owned(),
            invite_only,
        };
        let table = [
            ("create class", create(vec![], "class", false)),
            (
                "create #class bob --name \"Class 1\" --invite-only",
                create(vec![user("bob")], "Class 1", true),
            ),
            ("join class", GroupCommand::Join(class())),
            ("add class bob", GroupCommand::Add { group: class(), users: vec![user("bob")] }),
            (
                "role class bob admin",
                GroupCommand::Role { group: class(), user: user("bob"), role: Role::Admin },
            ),
            ("list", GroupCommand::List),
        ];
        for (line, expected) in table {
            assert_eq!(reads(&format!("group {line}")), Command::Group(expected), "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let table = [
            ("dance", "there is no command `dance`; type `help`"),
            ("invite", "USER is missing\nusage: invite USER"),
            ("invite bob --timeout soon", "`soon` is not a number"),
            ("invite bob hello", "`hello` is too much"),
            ("invite bob --loud", "there is no option `--loud`"),
            ("invite bob --audio", "there is no option `--audio`"),
            ("join", "ROOM is missing"),
            ("invite bób", "printable ASCII"),
            ("invite-group class", "USER is missing"),
            ("send bob", "the text is missing"),
            ("revoke bob", "SEQ is missing"),
            ("group", "what about groups?"),
            ("group paint class", "`group paint`"),
            ("group role class bob king", "member, admin or owner"),
            ("profile set age 7", "nickname, face and ext"),
            ("wait rain", "there is no event `rain`; there are invitation.received"),
            ("open sesame", "`sesame` is too much"),
        ];
        for (line, expected) in table {
            let why = Command::read(line).expect_err(line);
            assert!(why.contains(expected), "{line}: {why}");
        }
    }

    #[test]
    fn empty_lines_and_comments_ask_for_nothing() {
        for line in ["", "   ", "# a comment"] {
            assert_eq!(Command::read(line), Ok(None));
        }
    }

    #[test]
    fn every_command_of_the_help_is_known() {
        for usage in usage::USAGES {
            let why = Command::read(usage.name).err().unwrap_or_default();
            assert!(!why.contains("there is no command"), "{}: {why}", usage.name);
        }
    }
}
