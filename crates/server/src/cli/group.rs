//! `wigwag group`

use clap::{Args, Subcommand};
use wigwag_protocol::group::{GroupView, JoinPolicy, Member, Role};
use wigwag_protocol::params::GroupCreate;
use wigwag_protocol::rest::Nothing;
use wigwag_protocol::rest::group::{
    ADDED_MEMBERS, AddedMembers, GroupPage, GroupParams, MemberPage, MemberParams, Notice,
};
use wigwag_protocol::rest::operations::{
    AddMembers, CreateGroup, DismissGroup, GetGroup, ListAllGroups, ListGroups, ListMembers, NotifyGroup,
    RemoveMember,
};
use wigwag_protocol::rest::user::UserParams;
use wigwag_protocol::{GroupId, UserId};

use super::CliError;
use super::back_end::{BackEndArgs, plain};
use super::date::date;

/// Groups of one request of a list, and members of one.
const GROUPS: u32 = 100;
const MEMBERS: u32 = 1_000;

/// What can be said to `wigwag group`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct GroupArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: GroupCommand,
}

/// What can be done with groups.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// List all groups, or those that a user is in: groupID, name, number of members, owner
    List {
        /// The user [default: all groups]
        #[arg(value_name = "USER")]
        user: Option<UserId>,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Show one group
    Show(One),
    /// Make a group, and print its groupID
    Create {
        /// The user who owns it
        #[arg(value_name = "OWNER")]
        owner: UserId,

        /// Its groupID [default: the server makes one]
        #[arg(long, value_name = "GROUP")]
        id: Option<GroupId>,

        /// The name that people see
        #[arg(long, value_name = "TEXT", default_value = "")]
        name: String,

        /// Let nobody join who was not added
        #[arg(long)]
        invite_only: bool,

        /// A member besides the owner; may be given several times
        #[arg(long = "member", value_name = "USER")]
        members: Vec<UserId>,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// List a group's members: userID, role, and since when
    Members(One),
    /// Add users to a group
    Add {
        /// The group
        #[arg(value_name = "GROUP")]
        group: GroupId,

        /// The users
        #[arg(value_name = "USER", required = true)]
        users: Vec<UserId>,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Remove a user from a group
    Remove {
        /// The group
        #[arg(value_name = "GROUP")]
        group: GroupId,

        /// The user
        #[arg(value_name = "USER")]
        user: UserId,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Tell a group's members something: their apps are told, and nothing stands in the history
    Notify {
        /// The group
        #[arg(value_name = "GROUP")]
        group: GroupId,

        /// What their apps are told
        #[arg(value_name = "TEXT")]
        text: String,

        /// A member who is told; may be given several times [default: all members]
        #[arg(long = "to", value_name = "USER")]
        to: Vec<UserId>,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Dismiss a group: it is gone for all its members, and this cannot be undone
    Dismiss(One),
}

/// One group.
#[derive(Debug, Args)]
pub struct One {
    /// The group
    #[arg(value_name = "GROUP")]
    pub group: GroupId,

    /// Which server.
    #[command(flatten)]
    pub server: BackEndArgs,
}

const EXAMPLES: &str = "\
Examples:
  wigwag group create alice --id team --name Team --member bob --member carol
  wigwag group members team
  wigwag group add team dave erin
  wigwag group list alice --json
  wigwag group notify team maintenance --to bob

The server must run. The key is one that \"wigwag key create\" has made, with the scopes that are needed: read to look, groups to
change, messages to notify. It is read from the environment variable WIGWAG_API_KEY or from the file that --key-file names.";

/// Does it.
pub fn run(args: GroupArgs) -> Result<(), CliError> {
    match args.what {
        GroupCommand::List { user, server } => list(user.as_ref(), &server),
        GroupCommand::Show(one) => show(&one),
        GroupCommand::Create { owner, id, name, invite_only, members, server } => {
            let join_policy = if invite_only { JoinPolicy::InviteOnly } else { JoinPolicy::Free };
            let group = GroupCreate { group_id: id, name, ext: String::new(), join_policy, members };
            create(owner, &group, &server)
        }
        GroupCommand::Members(one) => members(&one),
        GroupCommand::Add { group, users, server } => add(&group, &users, &server),
        GroupCommand::Remove { group, user, server } => {
            let params = MemberParams { user_id: user.clone(), group_id: group.clone() };
            let changed = server.server()?.ask::<RemoveMember>(&params, &Nothing {}, &Nothing {})?;
            server.print_done(changed, &format!("{user} is not in {group} any more."))
        }
        GroupCommand::Notify { group, text, to, server } => {
            let notice = Notice { data: text, user_ids: (!to.is_empty()).then_some(to) };
            let params = GroupParams { group_id: group.clone() };
            let changed = server.server()?.ask::<NotifyGroup>(&params, &Nothing {}, &notice)?;
            server.print_done(changed, &format!("{group} is told."))
        }
        GroupCommand::Dismiss(one) => {
            let changed =
                one.server.server()?.ask::<DismissGroup>(&one.params(), &Nothing {}, &Nothing {})?;
            one.server.print_done(changed, &format!("{} is dismissed.", one.group))
        }
    }
}

impl One {
    fn params(&self) -> GroupParams {
        GroupParams { group_id: self.group.clone() }
    }
}

fn list(user: Option<&UserId>, args: &BackEndArgs) -> Result<(), CliError> {
    let (server, params) = (args.server()?, user.map(|user| UserParams { user_id: user.clone() }));
    let mut after = None;
    loop {
        let query = GroupPage { after, limit: Some(GROUPS) };
        let page = match &params {
            Some(params) => server.ask::<ListGroups>(params, &query, &Nothing {})?,
            None => server.ask::<ListAllGroups>(&Nothing {}, &query, &Nothing {})?,
        };
        for group in &page.groups {
            args.print(group, &line(group))?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn line(group: &GroupView) -> String {
    let GroupView { group_id, name, member_count, owner, .. } = group;
    format!("{group_id}\t{}\t{member_count}\t{owner}", plain(name))
}

fn show(one: &One) -> Result<(), CliError> {
    let group = one.server.server()?.ask::<GetGroup>(&one.params(), &Nothing {}, &Nothing {})?;
    let join = match group.join_policy {
        JoinPolicy::Free => "everybody",
        JoinPolicy::InviteOnly => "only users who are added",
    };
    let lines = [
        ("groupID", group.group_id.to_string()),
        ("name", plain(&group.name)),
        ("ext", plain(&group.ext)),
        ("owner", group.owner.to_string()),
        ("members", group.member_count.to_string()),
        ("may join", join.to_owned()),
        ("made", date(group.created_at / 1_000)),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<9} {value}").trim_end().to_owned());
    one.server.print(&group, &lines.join("\n"))
}

fn create(owner: UserId, group: &GroupCreate, args: &BackEndArgs) -> Result<(), CliError> {
    let params = UserParams { user_id: owner };
    let created = args.server()?.ask::<CreateGroup>(&params, &Nothing {}, group)?;
    args.print(&created, created.group_id.as_str())?;
    let left_out: Vec<&str> = created.ignored_members.iter().map(UserId::as_str).collect();
    if left_out.is_empty() {
        return Ok(());
    }
    Err(CliError::new(format!(
        "the group was made without {}: there is no such user, or they do not let its owner add them",
        left_out.join(", ")
    )))
}

fn members(one: &One) -> Result<(), CliError> {
    let server = one.server.server()?;
    let mut after = None;
    loop {
        let query = MemberPage { after, limit: Some(MEMBERS) };
        let page = server.ask::<ListMembers>(&one.params(), &query, &Nothing {})?;
        for member in &page.members {
            let Member { user_id, role, joined_at } = member;
            one.server.print(member, &format!("{user_id}\t{}\t{}", word(*role), date(joined_at / 1_000)))?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn add(group: &GroupId, users: &[UserId], args: &BackEndArgs) -> Result<(), CliError> {
    let (server, params) = (args.server()?, GroupParams { group_id: group.clone() });
    for some in users.chunks(ADDED_MEMBERS) {
        let wish = AddedMembers { user_ids: some.to_vec() };
        let changed = server.ask::<AddMembers>(&params, &Nothing {}, &wish)?;
        let names: Vec<&str> = some.iter().map(UserId::as_str).collect();
        args.print_done(changed, &format!("In {group} now: {}", names.join(", ")))?;
    }
    Ok(())
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}
