//! Stories of what invitations stand on: groups, messages, users, and the limits of it all.

use wigwag_engine::command::{CreateGroup, Invite, SendMessage};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Command, Limits, Reply};
use wigwag_protocol::group::{JoinPolicy, Role};
use wigwag_protocol::message::MessageOptions;
use wigwag_protocol::{Event, Reason};

use crate::invariants;
use crate::world::{World, answer, group_id, in_group, invite, invite_id, invite_members, message, to, user};

// ---- groups -------------------------------------------------------------------------------------------------------

#[test]
fn roles_decide_who_may_what() {
    let mut world = World::with_class();
    assert_eq!(world.bob().removes("class", &["carol"]), "10007 notAllowed");
    assert_eq!(world.bob().dismisses("class"), "10007 notAllowed");
    assert_eq!(world.bob().makes("class", "carol", Role::Admin), "10007 notAllowed");
    assert_eq!(world.alice().makes("class", "bob", Role::Admin), "group.roleChanged → alice bob carol dave");
    assert_eq!(
        world.alice().makes("class", "carol", Role::Admin),
        "group.roleChanged → alice bob carol dave"
    );
    assert_eq!(world.bob().removes("class", &["carol"]), "10007 notAllowed", "his equal");
    assert_eq!(world.bob().removes("class", &["alice"]), "10007 notAllowed", "the owner");
    assert_eq!(world.bob().removes("class", &["dave"]), "group.membersRemoved → alice bob carol dave");
    assert_eq!(world.alice().quits("class"), "10007 notAllowed", "an owner hands over first");
    assert_eq!(world.alice().makes("class", "bob", Role::Owner), "group.roleChanged → alice bob carol");
    assert_eq!(world.alice().makes("class", "carol", Role::Member), "10007 notAllowed");
    assert_eq!(world.alice().quits("class"), "group.membersRemoved → alice bob carol");
    assert_eq!(world.bob().makes("class", "dave", Role::Admin), "10007 notMember");
}

#[test]
fn people_come_and_go() {
    let mut world = World::new();
    assert_eq!(world.alice().creates("class", &["bob", "nobody"]), "group.membersAdded → alice bob");
    assert!(matches!(world.reply(), Reply::Created(created) if created.ignored_members == [user("nobody")]));
    assert_eq!(world.carol().creates("class", &[]), "10021 groupIDTaken");
    assert_eq!(world.carol().joins("class"), "group.membersAdded → alice bob carol");
    assert_eq!(world.carol().joins("class"), "10013 alreadyMember");
    assert_eq!(world.bob().adds("class", &["nobody"]), "20003 unknownUser");
    assert_eq!(world.bob().adds("class", &["carol"]), "nothing");
    assert_eq!(world.dave().adds("class", &["dave"]), "10007 notMember");
    assert_eq!(world.bob().adds("class", &["carol", "dave"]), "group.membersAdded → alice bob carol dave");
    assert_eq!(world.bob().adds("class", &[]), "10004 invalidGroupParameter");
    assert_eq!(world.dave().joins("nowhere"), "10010 unknownGroup");
}

#[test]
fn a_closed_group_is_entered_by_invitation_only() {
    let mut world = World::new();
    world.alice().creates("class", &[]);
    let close = || Command::SetGroupInfo {
        group: group_id("class"),
        name: None,
        ext: None,
        join_policy: Some(JoinPolicy::InviteOnly),
    };
    assert_eq!(world.bob().asks(close()), "10007 notMember");
    assert_eq!(world.alice().asks(close()), "group.infoChanged → alice");
    assert_eq!(world.alice().asks(close()), "nothing");
    for (asked, came_to) in [
        ("to join", world.bob().joins("class")),
        ("to speak", world.bob().says(in_group("class"), "hello")),
        ("to ring", world.bob().invites_members("class", &["alice"], "i")),
        ("to add", world.bob().adds("class", &["carol"])),
        ("to leave", world.bob().quits("class")),
    ] {
        assert_eq!(came_to, "10010 unknownGroup", "strangers are not told of it when they ask {asked}");
    }
    assert_eq!(world.alice().adds("class", &["bob"]), "group.membersAdded → alice bob");
    assert_eq!(
        world.alice().makes("class", "carol", Role::Admin),
        "10007 notMember",
        "its owner knows of it"
    );
}

// ---- messages -----------------------------------------------------------------------------------------------------

#[test]
fn messages_are_said_and_taken_back_in_time() {
    let mut world = World::new();
    assert_eq!(world.alice().says(to("bob"), "one"), "message.received → alice bob #1");
    assert_eq!(world.bob().says(to("alice"), "two"), "message.received → alice bob #2");
    assert_eq!(world.alice().takes_back(to("bob"), 2), "20022 notSender");
    assert_eq!(world.alice().takes_back(to("bob"), 3), "20022 unknownMessage");
    assert_eq!(world.alice().says(to("bob"), "three"), "message.received → alice bob #3");
    assert_eq!(
        world.alice().takes_back(to("bob"), 3),
        "message.revoked → alice bob",
        "looked for before it was there"
    );
    assert_eq!(world.alice().takes_back(to("bob"), 3), "nothing");
    world.passes(120);
    assert_eq!(world.alice().takes_back(to("bob"), 1), "message.revoked → alice bob", "in the last moment");
    world.now += 1;
    assert_eq!(world.bob().takes_back(to("alice"), 2), "20016 revokeWindow");
}

#[test]
fn a_message_is_sent_once_under_its_key() {
    let mut world = World::new();
    assert_eq!(world.alice().asks(keyed(message(to("bob"), "hi"))), "message.received → alice bob #1");
    let first = format!("{:?}", world.reply());
    world.passes(60);
    assert_eq!(world.alice().on("laptop").asks(keyed(message(to("bob"), "hi"))), "nothing");
    assert_eq!(format!("{:?}", world.reply()), first);
    let of_bob = keyed(message(to("alice"), "hi"));
    assert_eq!(world.bob().asks(of_bob), "message.received → alice bob #2", "their keys are their own");
}

#[test]
fn a_used_key_swallows_no_other_message() {
    let mut world = World::with_class();
    world.alice().asks(keyed(message(to("bob"), "hi")));
    for another in [
        message(to("carol"), "hi"),
        message(in_group("class"), "hi"),
        message(to("bob"), "hi!"),
        SendMessage { kind: "custom.hi".to_owned(), ..message(to("bob"), "hi") },
    ] {
        assert_eq!(world.alice().asks(keyed(another)), "6017 clientMsgIDTaken");
    }
    assert_eq!(world.alice().asks(keyed(message(to("bob"), "hi"))), "nothing");
}

fn keyed(message: SendMessage) -> Command {
    let client_msg_id = Some("key".to_owned());
    Command::SendMessage(Box::new(SendMessage { client_msg_id, ..message }))
}

#[test]
fn reading_only_moves_forward_and_only_the_other_side_is_told() {
    let mut world = World::with_class();
    for text in ["one", "two"] {
        world.alice().says(to("bob"), text);
        world.alice().says(in_group("class"), text);
    }
    assert_eq!(world.bob().reads(to("alice"), 9), "message.read → alice bob");
    let Event::MessageRead(told) = invariants::read(world.events()[0]) else { panic!("a read mark") };
    assert_eq!(told.seq, 2, "no further than the newest");
    assert_eq!(world.bob().reads(to("alice"), 1), "nothing");
    assert_eq!(world.bob().reads(in_group("class"), 2), "message.read → bob");
    assert_eq!(world.bob().reads(to("carol"), 1), "nothing", "there is no message");
    world.bob().quits("class");
    assert_eq!(world.bob().reads(in_group("class"), 2), "10007 notMember");
}

#[test]
fn a_new_member_starts_at_the_head_of_the_conversation() {
    let mut world = World::new();
    world.alice().creates("class", &[]);
    world.alice().says(in_group("class"), "before");
    world.bob().joins("class");
    assert_eq!(world.bob().reads(in_group("class"), 1), "nothing", "that one does not count for him");
    world.alice().says(in_group("class"), "after");
    assert_eq!(world.bob().reads(in_group("class"), 2), "message.read → bob");
}

#[test]
fn a_message_is_marked_as_its_sender_wants() {
    let mut world = World::new();
    world.goes_offline("bob");
    let mut quiet = message(to("bob"), "psst");
    quiet.options = MessageOptions { excluded_from_unread: true, ..MessageOptions::default() };
    world.alice().asks(Command::SendMessage(Box::new(quiet)));
    let mark = world.events()[0].message.clone().unwrap();
    assert_eq!((mark.counted, mark.shown_last), (false, true));
    let mut fleeting = message(to("bob"), "typing");
    fleeting.options = MessageOptions { online_user_only: true, ..MessageOptions::default() };
    assert_eq!(world.alice().asks(Command::SendMessage(Box::new(fleeting))), "message.received → alice");
    assert!(matches!(world.reply(), Reply::Sent(sent) if sent.seq.is_none() && !sent.message_id.is_empty()));
}

#[test]
fn the_shape_of_a_message_is_checked() {
    let mut world = World::new();
    let cases = [
        ("text", r#"{"text":1}"#, "6017 invalidParameter"),
        ("text", r#"["text"]"#, "6017 invalidParameter"),
        ("custom", r#"{"text":"x"}"#, "6017 invalidParameter"),
        ("custom", r#"{"data":"x"}"#, "message.received → alice bob #1"),
        ("", "{}", "6017 invalidParameter"),
        ("org.example.a-name-of-33-bytes.xyz", "{}", "6017 invalidParameter"),
        ("sticker", "[]", "6017 invalidParameter"),
        ("sticker", r#"{"pack":3}"#, "message.received → alice bob #2"),
    ];
    for (kind, content, told) in cases {
        let mut wish = message(to("bob"), "");
        kind.clone_into(&mut wish.kind);
        wish.content = serde_json::value::RawValue::from_string(content.to_owned()).unwrap();
        assert_eq!(world.alice().asks(Command::SendMessage(Box::new(wish))), told, "{kind} {content}");
    }
    assert_eq!(world.alice().says(to("nobody"), "hi"), "20003 unknownUser");
    assert_eq!(world.alice().says(to("alice"), "hi"), "6017 invalidParameter");
    assert_eq!(world.alice().says(in_group("nowhere"), "hi"), "10010 unknownGroup");
}

// ---- users --------------------------------------------------------------------------------------------------------

#[test]
fn a_profile_and_a_block_list_are_ones_own_business() {
    let mut world = World::new();
    let rename = || Command::SetProfile { nickname: Some("Al".to_owned()), face_url: None, ext: None };
    assert_eq!(world.alice().asks(rename()), "user.profileChanged → alice");
    assert_eq!(world.alice().asks(rename()), "nothing");
    assert_eq!(world.alice().blocks("bob", true), "user.blocked → alice");
    assert_eq!(world.alice().blocks("bob", true), "nothing");
    assert_eq!(world.alice().blocks("bob", false), "user.unblocked → alice");
    assert_eq!(world.alice().blocks("alice", true), "6017 invalidParameter");
    assert_eq!(world.alice().blocks("nobody", true), "20003 unknownUser");
    assert_eq!(world.alice().asks(Command::Register), "nothing", "known already");
}

// ---- limits -------------------------------------------------------------------------------------------------------

#[test]
fn every_limit_is_a_refusal_and_its_value_still_passes() {
    let limits = Limits { invitees: 2, group_members: 4, users_per_request: 2, ..Limits::default() };
    let mut world = World::with(limits);
    world.alice().creates("class", &["bob", "carol"]);
    let sized = |bytes: usize| "x".repeat(bytes);
    let with_data = |bytes| Invite { data: sized(bytes), ..invite("bob", "i") };
    let ringing = |timeout| Invite { timeout, ..invite("bob", "j") };
    let pushing = |bytes| Invite { offline_push_info: Some(sized(bytes)), ..invite("bob", "k") };
    let named = |bytes| Command::SetProfile { nickname: Some(sized(bytes)), face_url: None, ext: None };
    let pictured = |bytes| Command::SetProfile { nickname: None, face_url: Some(sized(bytes)), ext: None };
    let described = |bytes| Command::SetProfile { nickname: None, face_url: None, ext: Some(sized(bytes)) };
    let table = [
        ("data", Command::Invite(Box::new(with_data(16_385))), Reason::TooLarge),
        ("timeout", Command::Invite(Box::new(ringing(86_401))), Reason::InvalidParameter),
        ("offlinePushInfo", Command::Invite(Box::new(pushing(16_385))), Reason::TooLarge),
        ("data", Command::Accept(answer("i", &sized(16_385))), Reason::TooLarge),
        ("inviteeList", members(&["bob", "carol", "bob"]), Reason::InvalidParameter),
        ("content", text(16_385 - r#"{"text":""}"#.len()), Reason::TooLarge),
        ("nickname", named(101), Reason::TooLarge),
        ("faceURL", pictured(501), Reason::TooLarge),
        ("ext", described(4_097), Reason::TooLarge),
        (
            "userIDs",
            Command::AddMembers(group_id("class"), vec![user("dave"); 3]),
            Reason::InvalidGroupParameter,
        ),
        ("name", group_named(101), Reason::TooLarge),
    ];
    for (field, command, reason) in table {
        let refused = format!("{} {}", reason.code(), reason.as_str());
        assert_eq!(world.alice().asks(command), refused, "{field}");
        assert_eq!(world.error().data.field.as_deref(), Some(field));
    }
    let passing = [
        Command::Invite(Box::new(with_data(16_384))),
        Command::Invite(Box::new(ringing(86_400))),
        Command::Invite(Box::new(pushing(16_384))),
        members(&["bob", "carol"]),
        text(16_384 - r#"{"text":""}"#.len()),
        named(100),
        pictured(500),
        described(4_096),
        Command::AddMembers(group_id("class"), vec![user("dave"); 2]),
        group_named(100),
    ];
    for command in passing {
        let told = world.alice().asks(command);
        assert!(told.contains('→'), "{told}");
    }
}

fn members(names: &[&str]) -> Command {
    Command::Invite(Box::new(invite_members("class", names, "m")))
}

fn text(bytes: usize) -> Command {
    Command::SendMessage(Box::new(message(to("bob"), &"x".repeat(bytes))))
}

fn group_named(bytes: usize) -> Command {
    Command::CreateGroup(Box::new(CreateGroup {
        id: None,
        name: "x".repeat(bytes),
        ext: String::new(),
        join_policy: JoinPolicy::Free,
        members: Vec::new(),
    }))
}

#[test]
fn a_user_is_in_so_many_groups_and_in_no_more() {
    let mut world = World::with(Limits { user_groups: 2, ..Limits::default() });
    assert_eq!(world.alice().creates("one", &[]), "group.membersAdded → alice");
    assert_eq!(world.bob().creates("two", &["alice"]), "group.membersAdded → alice bob");
    assert_eq!(world.alice().creates("three", &[]), "10037 tooManyGroups");
    assert_eq!(world.bob().creates("three", &["alice"]), "group.membersAdded → bob", "alice is left out");
    assert_eq!(world.alice().joins("three"), "10037 tooManyGroups");
    assert_eq!(world.bob().adds("three", &["carol", "alice"]), "10037 tooManyGroups");
    assert_eq!(world.bob().adds("two", &["alice"]), "nothing", "she is a member already");
    // Whatever she leaves, she has room again.
    world.alice().quits("two");
    assert_eq!(world.alice().joins("three"), "group.membersAdded → alice bob");
    assert_eq!(world.alice().joins("two"), "10037 tooManyGroups");
    world.bob().removes("three", &["alice"]);
    assert_eq!(world.alice().joins("two"), "group.membersAdded → alice bob");
    world.alice().dismisses("one");
    assert_eq!(world.bob().adds("three", &["alice"]), "group.membersAdded → alice bob");
}

#[test]
fn a_full_group_takes_nobody_more() {
    let mut world = World::with(Limits { group_members: 2, ..Limits::default() });
    assert_eq!(world.alice().creates("class", &["bob", "carol"]), "10014 groupFull");
    assert_eq!(world.alice().creates("class", &["bob"]), "group.membersAdded → alice bob");
    assert_eq!(world.carol().joins("class"), "10014 groupFull");
    assert_eq!(world.bob().adds("class", &["carol"]), "10014 groupFull");
    world.bob().quits("class");
    assert_eq!(world.carol().joins("class"), "group.membersAdded → alice carol");
}

#[test]
fn only_so_many_of_ones_invitations_are_open() {
    let mut world = World::with(Limits { open_invitations: 2, ..Limits::default() });
    world.alice().invites("bob", "i");
    world.alice().invites("bob", "j");
    assert_eq!(world.alice().invites("bob", "k"), "7008 tooManyOpenInvitations");
    assert!(world.error().data.retryable);
    assert_eq!(world.alice().invites("bob", "j"), "nothing", "a repeat needs no room");
    assert_eq!(world.carol().invites("bob", "l"), "invitation.received v1 → bob carol #1");
    world.bob().rejects("i");
    assert_eq!(world.alice().invites("bob", "k"), "invitation.received v1 → alice bob #4");
}

#[test]
fn only_so_many_invitations_of_a_group_are_open() {
    let mut world = World::with(Limits { group_open_invitations: 2, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol", "dave"]);
    world.alice().invites_members("class", &["bob"], "i");
    assert_eq!(
        world.bob().invites_members("class", &["carol"], "j"),
        "invitation.received v1 → alice bob carol dave #2",
        "as many as the bound says"
    );
    assert_eq!(
        world.carol().invites_members("class", &["bob"], "k"),
        "7008 tooManyOpenInGroup",
        "whoever asks"
    );
    assert!(world.error().data.retryable);
    assert_eq!(world.bob().invites_members("class", &["carol"], "j"), "nothing", "a repeat needs no room");
    assert_eq!(
        world.carol().invites("bob", "l"),
        "invitation.received v1 → bob carol #1",
        "one-to-one is counted for its inviter alone"
    );
    world.bob().rejects("i");
    assert_eq!(
        world.carol().invites_members("class", &["bob"], "k"),
        "invitation.received v1 → alice bob carol dave #4"
    );
}

#[test]
fn a_back_end_says_what_it_knows_of_a_user_in_one_step() {
    use wigwag_engine::command::Provision;
    use wigwag_protocol::group::ReachableBy;
    let wish = |nickname: &str, ring| {
        Command::Provision(Box::new(Provision {
            nickname: Some(nickname.to_owned()),
            ring: Some(ring),
            ..Provision::default()
        }))
    };
    let mut world = World::new();
    let told = world.bob().through_a_back_end().asks(wish("Bob", ReachableBy::Nobody));
    assert_eq!(told, "user.profileChanged → bob; user.reachChanged → bob");
    assert_eq!(world.bob().through_a_back_end().asks(wish("Bob", ReachableBy::Nobody)), "nothing");
    assert_eq!(world.alice().invites("bob", "i"), "20007 blocked");
    let told = world.person("zoe").through_a_back_end().asks(wish("Zoe", ReachableBy::Everybody));
    assert_eq!(told, "nothing", "a new user has no device to hear it");
    assert!(world.alice().invites("zoe", "j").starts_with("invitation.received"), "and is there");
    let long = wish(&"n".repeat(1_000), ReachableBy::Everybody);
    assert_eq!(world.bob().through_a_back_end().asks(long), "8001 tooLarge");
}

#[test]
fn a_mark_changes_nothing_and_says_the_time_it_was_given() {
    let mut world = World::new();
    assert_eq!(world.person("zoe").through_a_back_end().asks(Command::MarkTime(7)), "nothing");
    assert!(matches!(world.reply(), Reply::Done(done) if done.time == 7 && done.cursor.is_none()));
}

#[test]
fn a_disabled_user_is_to_others_as_one_who_is_away() {
    let mut world = World::new();
    let asked = world.bob().through_a_back_end().asks(Command::SetDisabled(true));
    assert_eq!(asked, "nothing", "nobody hears of it");
    assert!(world.alice().invites("bob", "i").starts_with("invitation.received"));
    assert_eq!(
        world.person("zoe").through_a_back_end().asks(Command::SetDisabled(true)),
        "20003 unknownUser"
    );
}

/// Everything that a back end does for somebody who is being deleted, until the rules let them go.
#[test]
fn a_user_is_deleted_when_nothing_binds_them_any_more() {
    let mut world = World::with_class();
    let delete = |world: &mut World| world.bob().through_a_back_end().asks(Command::DeleteUser);
    let is_held = |world: &mut World| {
        let held = delete(world);
        assert!(held.starts_with("-32603"), "{held}");
    };
    let withdraw =
        |world: &mut World, id: &str| world.bob().through_a_back_end().asks(Command::Withdraw(invite_id(id)));
    is_held(&mut world);
    assert_eq!(
        world.bob().through_a_back_end().asks(Command::PartWith(group_id("class"))),
        "group.membersRemoved → alice bob carol dave"
    );
    world.alice().calls("bob", "c");
    world.bob().accepts("c");
    is_held(&mut world);
    world.bob().hangs_up("c");
    world.bob().invites("carol", "his");
    is_held(&mut world);
    assert!(withdraw(&mut world, "his").starts_with("invitation.cancelled v2 → bob carol"));
    world.carol().invites("bob", "hers");
    is_held(&mut world);
    assert!(withdraw(&mut world, "hers").starts_with("invitation.rejected v2 → bob carol"));
    assert_eq!(withdraw(&mut world, "hers"), "nothing", "it is over for him");
    assert_eq!(delete(&mut world), "nothing", "whoever knew him has heard of each step");
    let Reply::Done(first) = world.reply().clone() else { panic!("{:?}", world.reply()) };
    world.passes(60);
    assert_eq!(delete(&mut world), "nothing");
    assert!(matches!(world.reply(), Reply::Done(done) if done.time == first.time), "a repeat hears when");
    assert_eq!(world.person("zoe").through_a_back_end().asks(Command::DeleteUser), "20003 unknownUser");
}

/// What he was never told of binds him as well, and so does what has run out a moment ago.
#[test]
fn somebody_who_is_deleted_goes_out_of_what_they_do_not_know() {
    let mut world = World::new();
    world.goes_offline("bob");
    let switches = Switches { online_user_only: true, ..Switches::default() };
    let unheard = Invite { switches, ..invite("bob", "unheard") };
    assert_eq!(world.alice().asks(Command::Invite(Box::new(unheard))), "invitation.received v1 → alice");
    assert_eq!(world.bob().rejects("unheard"), "8010 unknown");
    let withdraw = |id| Command::Withdraw(invite_id(id));
    assert_eq!(world.bob().through_a_back_end().asks(withdraw("unheard")), "invitation.rejected v2 → alice");
    world.alice().invites("bob", "late");
    world.passes(31);
    let late = world.bob().through_a_back_end().asks(withdraw("late"));
    assert!(late.starts_with("invitation.timedOut v2 → alice bob"), "{late}");
    assert_eq!(world.bob().through_a_back_end().asks(withdraw("nothing")), "8010 unknown");
    assert_eq!(world.bob().through_a_back_end().asks(Command::DeleteUser), "nothing");
}

#[test]
fn an_owner_who_is_deleted_hands_the_group_over_and_leaves() {
    let mut world = World::with_class();
    let part =
        |world: &mut World| world.alice().through_a_back_end().asks(Command::PartWith(group_id("class")));
    world.alice().makes("class", "carol", Role::Admin);
    assert_eq!(part(&mut world), "group.roleChanged → alice bob carol dave");
    let owner = |world: &World| world.server.journal.groups[&group_id("class")].owner().cloned();
    assert_eq!(owner(&world), Some(user("carol")), "the admin, who came no sooner than bob");
    assert_eq!(part(&mut world), "group.membersRemoved → alice bob carol dave");
    assert_eq!(part(&mut world), "10007 notMember");
    world.dave().creates("own", &[]);
    let alone = world.dave().through_a_back_end().asks(Command::PartWith(group_id("own")));
    assert_eq!(alone, "group.dismissed → dave", "nobody else is in it");
}

/// One place in the ledger says so, whatever is asked.
#[test]
fn a_deleted_user_is_unknown_to_others_and_acts_no_more() {
    let mut world = World::new();
    world.bob().says(to("alice"), "hello");
    world.alice().blocks("bob", true);
    world.bob().blocks("carol", true);
    world.alice().creates("team", &["carol"]);
    world.bob().through_a_back_end().asks(Command::DeleteUser);
    assert_eq!(world.carol().invites("bob", "i"), "20003 unknownUser");
    assert_eq!(world.carol().says(to("bob"), "there?"), "20003 unknownUser");
    assert_eq!(world.alice().adds("team", &["bob"]), "20003 unknownUser");
    assert_eq!(world.carol().blocks("bob", true), "20003 unknownUser");
    assert_eq!(
        world.alice().blocks("bob", false),
        "user.unblocked → alice",
        "her own block is hers to take back"
    );
    assert_eq!(world.alice().reads(to("bob"), 1), "message.read → alice", "nothing is told to him any more");
    let wishes = || {
        let joins = Command::JoinGroup(group_id("team"));
        [joins, Command::SetDisabled(false), Command::Register, Command::Provision(Box::default())]
    };
    // By a session that has not ended yet, and by a back end.
    for command in wishes() {
        assert_eq!(world.bob().asks(command), "70107 userDeleted");
    }
    for command in wishes() {
        assert_eq!(world.bob().through_a_back_end().asks(command), "70107 userDeleted");
    }
    assert_eq!(world.bob().through_a_back_end().asks(Command::MarkTime(7)), "nothing");
}
