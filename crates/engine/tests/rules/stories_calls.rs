//! Calls, as stories (docs/semantics.md, "Calls").

use wigwag_engine::command::Invite;
use wigwag_engine::limits::WhenBusy;
use wigwag_engine::{Command, Limits, Reply};
use wigwag_protocol::Event;
use wigwag_protocol::params::CallWish;

use crate::world::{World, invite, invite_members, video};

#[test]
fn a_call_between_two_is_told_by_its_invitation_until_somebody_hangs_up() {
    let mut world = World::new();
    assert_eq!(world.alice().calls("bob", "c"), "invitation.received v1 → alice bob #1");
    assert_eq!(world.call("c"), "alice joined, bob ringing");
    assert_eq!(world.bob().accepts("c"), "invitation.accepted v2 → alice bob #2");
    assert_eq!(world.call("c"), "alice joined, bob joined");
    world.passes(90);
    assert_eq!(world.bob().hangs_up("c"), "call.hungUp → alice bob");
    assert_eq!(world.call("c"), "alice left, bob left ■ hungUp");
    let Event::CallHungUp(hung_up) = &world.events()[0].event else { panic!("no hang-up") };
    assert_eq!(hung_up.duration_ms, 90_000);
    assert_eq!(world.bob().hangs_up("c"), "nothing", "hanging up twice is no mistake");
    assert_eq!(world.alice().hangs_up("c"), "nothing");
    assert_eq!(world.carol().hangs_up("c"), "8010 unknownCall", "for strangers there is no such call");
}

#[test]
fn both_sides_learn_the_room_and_how_to_reach_it() {
    let mut world = World::new();
    world.alice().calls("bob", "c");
    let Reply::Acted(invited) = world.reply().clone() else { panic!("no reply to an invite") };
    world.bob().accepts("c");
    let Reply::Acted(accepted) = world.reply().clone() else { panic!("no reply to an accept") };
    assert_eq!(invited.call.expect("a call").link, accepted.call.expect("a call").link);
    world.alice().invites("carol", "plain");
    let Reply::Acted(plain) = world.reply() else { panic!("no reply to an invite") };
    assert!(plain.call.is_none(), "an invitation without call opens none");
}

#[test]
fn hanging_up_while_it_rings_is_a_cancel_or_a_rejection() {
    let mut world = World::new();
    world.alice().calls("bob", "c1");
    assert_eq!(world.alice().hangs_up("c1"), "invitation.cancelled v2 → alice bob #2");
    assert_eq!(world.call("c1"), "alice left, bob cancelled ■ cancelled");
    world.alice().calls("bob", "c2");
    assert_eq!(world.bob().hangs_up("c2"), "invitation.rejected v2 → alice bob #4");
    assert_eq!(world.call("c2"), "alice left, bob rejected ■ rejected");
    world.alice().calls("bob", "c3");
    world.passes(30);
    world.looks_at("c3");
    assert_eq!(world.call("c3"), "alice left, bob timedOut ■ timedOut");
}

#[test]
fn hanging_up_what_has_just_rung_out_is_no_mistake() {
    let mut world = World::new();
    for by_invitee in [true, false] {
        let id = if by_invitee { "c1" } else { "c2" };
        world.alice().calls("bob", id);
        world.passes(30);
        let heard = if by_invitee { world.bob().hangs_up(id) } else { world.alice().hangs_up(id) };
        assert!(heard.starts_with("invitation.timedOut v2 → alice bob"), "{heard}");
        assert_eq!(world.call(id), "alice left, bob timedOut ■ timedOut");
        assert_eq!(world.looks_at(id), "nothing", "it is told once");
    }
}

#[test]
fn who_gives_up_what_still_rings_has_cancelled_whatever_else_has_just_rung_out() {
    for late in ["bob", "carol"] {
        let in_time = if late == "bob" { "carol" } else { "bob" };
        let mut world = World::new();
        world.alice().calls_into("room", "bob", "c");
        world.alice().calls_into("room", "carol", "d");
        world.person(in_time).rejects(if in_time == "bob" { "c" } else { "d" });
        world.passes(20);
        world.alice().calls_into("room", in_time, "again");
        world.passes(10);
        world.alice().hangs_up("c");
        let people =
            if late == "bob" { "bob timedOut, carol cancelled" } else { "bob cancelled, carol timedOut" };
        assert_eq!(world.call("c"), format!("alice left, {people} ■ cancelled"));
    }
}

#[test]
fn whoever_is_in_another_call_is_not_rung() {
    let mut world = World::new();
    world.alice().calls("bob", "c");
    world.bob().accepts("c");
    assert_eq!(world.carol().calls("bob", "late"), "invitation.received v1 → bob carol #1");
    let Event::InvitationReceived(received) = &world.events()[0].event else { panic!("no invitation") };
    assert_eq!(received.busy, received.invitee_list, "bob's devices see that they must not ring");
    assert_eq!(world.call("late"), "carol left, bob busy ■ busy");
    assert!(!world.invitation("late").is_open());
    assert_eq!(world.bob().accepts("late"), "8010 settled (rejected)");
    world.carol().calls("bob", "late");
    let Reply::Acted(again) = world.reply() else { panic!("no reply") };
    assert_eq!(again.call.as_ref().expect("a call").busy.len(), 1, "a repeat gets the first reply");
    assert_eq!(world.call("c"), "alice joined, bob joined", "nothing happened to the call");
}

#[test]
fn a_server_may_let_calls_wait() {
    let mut world = World::with(Limits { busy: WhenBusy::Ring, ..Limits::default() });
    world.alice().calls("bob", "c");
    world.bob().accepts("c");
    world.carol().calls("bob", "second");
    assert_eq!(world.call("second"), "carol joined, bob ringing");
    let heard = world.bob().accepts("second");
    assert_eq!(heard, "invitation.accepted v2 → bob carol #2; call.hungUp → alice bob");
    assert_eq!(world.call("c"), "alice left, bob left ■ joinedAnother");
}

#[test]
fn two_who_call_each_other_meet_in_one_call() {
    let mut world = World::new();
    world.alice().calls("bob", "a");
    assert_eq!(world.bob().calls("alice", "b"), "invitation.accepted v2 → alice bob #2");
    let Reply::Acted(first) = world.reply().clone() else { panic!("no reply") };
    let entry = first.call.clone().expect("a call");
    assert_eq!((entry.link.call_id.as_str(), entry.accepted.expect("merged").as_str()), ("a", "a"));
    assert_eq!(world.call("a"), "alice joined, bob joined");
    assert!(world.invitation("b").merged_into().is_some());
    world.bob().calls("alice", "b");
    let Reply::Acted(again) = world.reply() else { panic!("no reply") };
    assert_eq!((again.cursor, again.version), (first.cursor, first.version), "a repeat gets the first reply");
    assert_eq!(world.bob().cancels("b"), "8010 settled ()", "its own name stands for nothing that rings");
    assert_eq!(world.alice().hangs_up("a"), "call.hungUp → alice bob");
}

#[test]
fn a_ring_that_is_out_of_time_is_not_accepted_by_calling_back() {
    let mut world = World::new();
    world.alice().calls("bob", "a");
    world.passes(30);
    world.bob().calls("alice", "b");
    assert_eq!(world.call("b"), "bob left, alice busy ■ busy", "until the server has looked at hers");
    world.looks_at("a");
    world.bob().calls("alice", "b2");
    assert_eq!(world.call("b2"), "bob joined, alice ringing");
}

#[test]
fn members_of_a_group_hear_who_is_in_its_call_and_may_join_it() {
    let mut world = World::with_class();
    let all = "alice bob carol dave";
    let heard = world.alice().calls_members("class", "room", &["bob", "carol"], "g");
    assert_eq!(heard, format!("invitation.received v1 → {all} #1"));
    let heard = world.bob().accepts("g");
    assert_eq!(heard, format!("invitation.accepted v2 → {all} #2; call.joined → {all}"));
    assert_eq!(world.dave().joins_room("room"), format!("call.joined → {all}"));
    let heard = world.carol().rejects("g");
    assert_eq!(heard, format!("invitation.rejected v3 → {all} #3; call.declined → {all}"));
    assert_eq!(world.alice().hangs_up("g"), format!("call.hungUp → {all}"));
    assert_eq!(world.call("g"), "alice left, bob joined, carol rejected, dave joined");
    assert_eq!(world.alice().joins_room("room"), format!("call.joined → {all}"), "she may come back");
    world.alice().hangs_up("g");
    world.dave().hangs_up("g");
    assert_eq!(world.call("g"), "alice left, bob left, carol rejected, dave left ■ hungUp");
    assert_eq!(world.dave().joins_room("room"), "8010 callEnded");
}

#[test]
fn a_back_end_ends_a_call_in_one_step() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    world.bob().calls_into("room", "carol", "more");
    world.carol().accepts("more");
    world.alice().calls_into("room", "dave", "last");
    let heard = world.alice().through_a_back_end().ends_call("c");
    assert_eq!(
        heard,
        "call.hungUp → alice bob carol dave; call.hungUp → alice bob carol dave; invitation.cancelled v2 → alice dave #2; call.declined → alice bob carol dave"
    );
    assert_eq!(world.call("c"), "alice left, bob left, carol left, dave cancelled ■ cancelled");
    assert_eq!(world.alice().through_a_back_end().ends_call("c"), "8010 callEnded");
    assert_eq!(world.person("zoe").through_a_back_end().ends_call("c"), "8010 unknownCall");
    assert_eq!(world.alice().calls("bob", "d"), "invitation.received v1 → alice bob #3");
    assert_eq!(world.alice().through_a_back_end().ends_call("d"), "invitation.cancelled v2 → alice bob #4");
    assert_eq!(world.call("d"), "alice left, bob cancelled ■ cancelled");
}

#[test]
fn a_repeated_invite_into_a_running_call_gets_the_first_reply_whatever_media_it_names() {
    let mut world = World::with_class();
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    let audio = Some(CallWish { media_type: "audio".to_owned(), ..video(Some("room")) });
    let more = || Command::Invite(Box::new(Invite { call: audio.clone(), ..invite("carol", "more") }));
    assert_eq!(
        world.alice().asks(more()),
        "invitation.received v1 → alice carol #1; call.invited → alice bob"
    );
    let first = format!("{:?}", world.reply());
    assert!(first.contains("video"), "the call stays what it is: {first}");
    assert_eq!(world.alice().asks(more()), "nothing");
    assert_eq!(format!("{:?}", world.reply()), first);
    assert_eq!(world.alice().calls("carol", "more"), "8012 inviteIDTaken", "that would open another call");
    assert_eq!(world.alice().calls_into("else", "carol", "more"), "8012 inviteIDTaken");
    let opens = Invite { call: audio, ..invite("bob", "c") };
    assert_eq!(world.alice().asks(Command::Invite(Box::new(opens))), "8012 inviteIDTaken", "a video call");
}

#[test]
fn a_repeated_invite_into_the_running_call_of_a_group_gets_the_first_reply_too() {
    let mut world = World::with_class();
    world.alice().calls_members("class", "room", &["bob"], "c");
    let audio = Some(CallWish { media_type: "audio".to_owned(), ..video(Some("room")) });
    let more = Invite { call: audio, ..invite_members("class", &["carol", "dave"], "more") };
    world.bob().asks(Command::Invite(Box::new(more.clone())));
    let first = format!("{:?}", world.reply());
    assert_eq!(world.bob().asks(Command::Invite(Box::new(more))), "nothing");
    assert_eq!(format!("{:?}", world.reply()), first);
}

#[test]
fn a_media_type_has_a_length_in_every_invite() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    let too_long = "é".repeat(17);
    for (by, to, room) in [("carol", "dave", "new"), ("alice", "carol", "room"), ("bob", "alice", "met")] {
        for media_type in ["", too_long.as_str()] {
            let call = Some(CallWish { media_type: media_type.to_owned(), ..video(Some(room)) });
            let asked = Command::Invite(Box::new(Invite { call, ..invite(to, "i") }));
            assert_eq!(world.person(by).asks(asked), "6017 invalidParameter", "{by} calls {to}");
        }
    }
    let call = Some(CallWish { media_type: "é".repeat(16), room_id: None });
    let longest = Command::Invite(Box::new(Invite { call, ..invite("dave", "i") }));
    assert_eq!(world.carol().asks(longest), "invitation.received v1 → carol dave #1");
}

#[test]
fn people_in_a_call_invite_more_of_them() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    assert_eq!(world.carol().calls_into("room", "dave", "x"), "8012 roomTaken");
    world.bob().accepts("c");
    let heard = world.bob().calls_into("room", "carol", "more");
    assert_eq!(heard, "invitation.received v1 → bob carol #1; call.invited → alice bob");
    assert_eq!(world.bob().calls_into("room", "alice", "x"), "8012 alreadyInCall");
    assert_eq!(
        world.carol().accepts("more"),
        "invitation.accepted v2 → bob carol #2; call.joined → alice bob carol"
    );
    assert_eq!(world.call("c"), "alice joined, bob joined, carol joined");
    assert_eq!(world.alice().hangs_up("c"), "call.hungUp → alice bob carol");
    assert_eq!(world.call("c"), "alice left, bob joined, carol joined", "two are left to talk");
}

#[test]
fn whoever_rings_hears_each_step_until_the_call_is_over() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    let heard = world.alice().on("laptop").joins_room("room");
    assert_eq!(heard, "call.joined → alice bob", "no invitation says it");
    let heard = world.alice().calls_into("room", "carol", "more");
    assert_eq!(heard, "invitation.received v1 → alice carol #1; call.invited → alice bob");
    let heard = world.alice().calls_into("room", "dave", "third");
    assert_eq!(heard, "invitation.received v1 → alice dave #1; call.invited → alice bob carol");
    let heard = world.bob().rejects("c");
    assert_eq!(heard, "invitation.rejected v2 → alice bob #2; call.declined → alice bob carol dave");
    let heard = world.carol().accepts("more");
    assert_eq!(
        heard, "invitation.accepted v2 → alice carol #2; call.joined → alice bob carol dave",
        "whoever declined knows the call and hears how it goes on"
    );
    let heard = world.alice().cancels("third");
    assert_eq!(heard, "invitation.cancelled v2 → alice dave #2; call.declined → alice bob carol dave");
    assert_eq!(world.carol().hangs_up("c"), "call.hungUp → alice bob carol dave");
}

#[test]
fn who_is_gone_from_a_call_hears_how_it_ends_and_may_come_back() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    world.bob().calls_into("room", "carol", "more");
    world.carol().accepts("more");
    assert_eq!(world.bob().hangs_up("c"), "call.hungUp → alice bob carol");
    assert_eq!(world.alice().on("laptop").joins_room("room"), "call.joined → alice bob carol");
    assert_eq!(world.bob().joins_room("room"), "call.joined → alice bob carol");
    world.bob().hangs_up("c");
    assert_eq!(world.carol().hangs_up("c"), "call.hungUp → alice bob carol");
}

#[test]
fn in_a_groups_call_among_its_parties_they_hear_each_step_and_nobody_else() {
    let mut world = World::with_class();
    let heard = world.alice().calls_parties("class", "room", &["bob", "carol"], "g");
    assert_eq!(heard, "invitation.received v1 → alice bob carol #1");
    let heard = world.bob().accepts("g");
    assert_eq!(heard, "invitation.accepted v2 → alice bob carol #2; call.joined → alice bob carol");
    let heard = world.carol().rejects("g");
    assert_eq!(heard, "invitation.rejected v3 → alice bob carol #3; call.declined → alice bob carol");
    let heard = world.carol().quits("class");
    assert_eq!(heard, "group.membersRemoved → alice bob carol dave");
    assert_eq!(world.dave().joins_room("room"), "call.joined → alice bob dave", "carol is a stranger now");
    world.bob().hangs_up("g");
    let heard = world.dave().hangs_up("g");
    assert_eq!(heard, "call.hungUp → alice bob dave");
}

#[test]
fn a_call_whose_ring_is_closed_quietly_says_itself_that_it_is_over() {
    let mut world = World::new();
    let lasting = |call| Invite { timeout: 0, call, ..invite("bob", "c") };
    world.alice().asks(Command::Invite(Box::new(lasting(Some(video(Some("room")))))));
    world.passes(24 * 60 * 60);
    assert_eq!(world.looks_at("c"), "call.declined → alice bob");
    assert_eq!(world.call("c"), "alice left, bob timedOut ■ timedOut");
}

/// Of the invitations without a deadline to one group, the newest three are kept.
#[test]
fn inviting_more_may_close_what_rings_in_the_same_call() {
    let mut world = World::with_class();
    let invites = |world: &mut World, whom, id, call| {
        let wish = Invite { timeout: 0, call, ..invite_members("class", &[whom], id) };
        world.passes(1);
        world.alice().asks(Command::Invite(Box::new(wish)))
    };
    let room = || Some(video(Some("room")));
    for (whom, id) in [("bob", "one"), ("carol", "two"), ("dave", "three")] {
        invites(&mut world, whom, id, room());
    }
    world.carol().rejects("two");
    invites(&mut world, "bob", "message", None);
    let (all, heard) = ("alice bob carol dave", invites(&mut world, "carol", "four", room()));
    assert_eq!(
        heard,
        format!("call.declined → {all}; invitation.received v1 → {all} #6; call.invited → {all}")
    );
    assert_eq!(world.call("one"), "alice joined, bob timedOut, carol ringing, dave ringing");
    for id in ["m1", "m2"] {
        invites(&mut world, "bob", id, None);
    }
    let heard = invites(&mut world, "bob", "five", room());
    assert_eq!(heard, format!("call.declined → {all}; invitation.received v1 → {all} #9"));
    assert_eq!(world.call("one"), "alice left, bob timedOut, carol timedOut, dave timedOut ■ timedOut");
    assert_eq!(world.call("five"), "alice joined, bob ringing", "nobody was left in the room");
}

#[test]
fn the_last_one_in_a_call_waits_for_those_who_ring() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    world.alice().calls_into("room", "carol", "more");
    world.bob().hangs_up("c");
    assert_eq!(world.call("c"), "alice joined, bob left, carol ringing");
    let heard = world.alice().hangs_up("c");
    assert_eq!(heard, "invitation.cancelled v2 → alice carol #2; call.declined → alice bob carol");
    assert_eq!(world.call("c"), "alice left, bob left, carol cancelled ■ cancelled");
}

#[test]
fn whoever_is_gone_for_long_has_left() {
    let mut world = World::new();
    world.alice().calls("bob", "c");
    world.bob().accepts("c");
    assert_eq!(world.misses("bob"), "nothing", "one of his devices is back");
    world.goes_offline("bob");
    assert_eq!(world.misses("bob"), "call.hungUp → alice bob");
    assert_eq!(world.call("c"), "alice left, bob left ■ connectionLost");
    assert_eq!(world.misses("bob"), "nothing");
}

#[test]
fn a_caller_who_is_lost_ends_what_rings() {
    let mut world = World::new();
    world.alice().calls("bob", "c");
    world.goes_offline("alice");
    let heard = world.misses("alice");
    assert_eq!(heard, "call.hungUp → alice bob; invitation.cancelled v2 → alice bob #2");
    assert_eq!(world.call("c"), "alice left, bob cancelled ■ connectionLost");
}

#[test]
fn whoever_is_gone_from_the_media_room_has_left_with_a_live_device() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    assert_eq!(world.sees_leave("bob", "room"), "call.hungUp → alice bob");
    assert_eq!(world.sees_leave("bob", "room"), "nothing");
    assert_eq!(world.sees_leave("bob", "elsewhere"), "nothing");
}

#[test]
fn a_room_is_used_again_when_its_call_is_over() {
    let mut world = World::with_class();
    world.alice().calls_members("class", "class", &["bob"], "one");
    world.bob().accepts("one");
    world.bob().hangs_up("one");
    world.carol().calls_members("class", "class", &["dave"], "two");
    assert_eq!(world.call("two"), "carol joined, dave ringing");
    assert_eq!(world.call("one"), "alice left, bob left ■ hungUp");
}

/// Calls are kept for longer than invitations.
#[test]
fn a_name_is_taken_as_long_as_the_call_that_has_it_is_kept() {
    let mut world = World::new();
    world.alice().calls("bob", "over");
    world.bob().rejects("over");
    world.carol().calls_into("room", "dave", "running");
    world.dave().accepts("running");
    for id in ["over", "running"] {
        world.drops(id);
        assert_eq!(world.alice().calls("bob", id), "8012 inviteIDTaken");
        assert_eq!(world.alice().calls_into("new", "bob", id), "8012 inviteIDTaken");
    }
    assert_eq!(world.call("over"), "alice left, bob rejected ■ rejected");
    assert_eq!(world.call("running"), "carol joined, dave joined");
    // What opens no call needs no name of a call.
    assert_eq!(world.alice().invites("bob", "over"), "invitation.received v1 → alice bob #3");
    world.carol().calls_into("room", "bob", "running");
    assert_eq!(world.call("running"), "carol joined, dave joined, bob ringing");
}

#[test]
fn who_leaves_the_group_leaves_its_call() {
    let mut world = World::with_class();
    world.alice().calls_members("class", "room", &["bob", "carol"], "g");
    world.bob().accepts("g");
    world.bob().quits("class");
    assert_eq!(world.call("g"), "alice joined, bob left, carol ringing");
    world.carol().quits("class");
    assert_eq!(world.call("g"), "alice left, bob left, carol removed ■ leftGroup");
}

#[test]
fn a_dismissed_group_has_no_call() {
    let mut world = World::with_class();
    world.alice().calls_members("class", "room", &["bob", "carol"], "g");
    world.bob().accepts("g");
    let heard = world.alice().dismisses("class");
    let all = "alice bob carol dave";
    let calls = format!("call.ended → {all}; invitation.cancelled v3 → {all}; group.dismissed → {all}");
    assert_eq!(heard, calls);
    assert_eq!(world.call("g"), "alice left, bob left, carol cancelled ■ groupDismissed");
}

#[test]
fn a_call_moves_to_another_device_of_the_same_user() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    world.bob().accepts("c");
    assert_eq!(world.bob().on("phone").joins_room("room"), "nothing", "it is there already");
    assert_eq!(world.bob().on("laptop").joins_room("room"), "call.joined → alice bob");
    assert_eq!(world.call("c"), "alice joined, bob joined");
}

#[test]
fn joining_while_it_rings_is_accepting() {
    let mut world = World::new();
    world.alice().calls_into("room", "bob", "c");
    assert_eq!(world.bob().joins_room("room"), "invitation.accepted v2 → alice bob #2");
    assert_eq!(world.carol().joins_room("room"), "8010 unknownCall");
}

#[test]
fn a_new_call_ends_the_callers_earlier_one() {
    let mut world = World::new();
    world.alice().calls("bob", "first");
    let heard = world.alice().calls("carol", "second");
    assert_eq!(
        heard,
        "invitation.received v1 → alice carol #1; call.hungUp → alice bob; invitation.cancelled v2 → alice bob #2"
    );
    assert_eq!(world.call("first"), "alice left, bob cancelled ■ joinedAnother");
    assert_eq!(world.call("second"), "alice joined, carol ringing");
}

#[test]
fn a_busy_invitee_does_not_cost_the_caller_their_call() {
    let mut world = World::new();
    world.alice().calls("bob", "first");
    world.bob().accepts("first");
    world.carol().calls("dave", "other");
    world.dave().accepts("other");
    world.alice().calls("carol", "in vain");
    assert_eq!(world.call("first"), "alice joined, bob joined");
    assert_eq!(world.call("in vain"), "alice left, carol busy ■ busy");
}

#[test]
fn signals_go_to_the_others_in_the_call_who_are_online() {
    let mut world = World::with_class();
    world.alice().calls_members("class", "room", &["bob", "carol"], "g");
    world.bob().accepts("g");
    world.carol().accepts("g");
    assert_eq!(world.alice().signals_in("room", None), "call.signal → bob carol");
    assert_eq!(world.alice().signals_in("room", Some("bob")), "call.signal → bob");
    world.goes_offline("bob");
    assert_eq!(world.alice().signals_in("room", Some("bob")), "nothing");
    assert_eq!(world.dave().signals_in("room", None), "8011 notInCall");
    assert_eq!(world.alice().signals_in("room", Some("dave")), "8011 notInCall");
    assert_eq!(world.person("eve").signals_in("room", None), "8010 unknownCall");
}

#[test]
fn missed_calls_are_marked_as_seen_once() {
    let mut world = World::new();
    let (now, before) = (world.now, world.now - 1);
    assert_eq!(world.bob().asks(Command::SeeCalls(before)), "call.seen → bob");
    assert_eq!(world.bob().asks(Command::SeeCalls(before)), "nothing");
    assert_eq!(world.bob().asks(Command::SeeCalls(now + 5_000)), "call.seen → bob", "no later than now");
    assert_eq!(world.bob().asks(Command::SeeCalls(now)), "nothing");
}

#[test]
fn a_call_has_only_so_many_people_and_a_group_only_so_many_calls() {
    let mut world = World::with(Limits { call_people: 3, group_calls: 1, ..Limits::default() });
    world.alice().creates("class", &["bob", "carol", "dave"]);
    let too_many = world.alice().calls_members("class", "room", &["bob", "carol", "dave"], "g");
    assert_eq!(too_many, "7008 tooManyInCall");
    world.alice().calls_members("class", "room", &["bob", "carol"], "g");
    assert_eq!(world.dave().joins_room("room"), "7008 tooManyInCall");
    assert_eq!(world.dave().calls_members("class", "other", &["bob"], "h"), "7008 tooManyCallsInGroup");
    world.alice().hangs_up("g");
    world.dave().calls_members("class", "other", &["bob"], "h");
    assert_eq!(world.call("h"), "dave joined, bob ringing");
}
