//! One suite for every store: what the trait [`wigwag_server::store::Store`] promises, asked through the trait alone.
//!
//! [`CASES`] is the one list. A back-end runs all of it, each case on a database of its own; it says how to open one
//! and nothing else (see `sqlite.rs`). What the rules decide is tested in the engine; here is what has to be kept.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod recall;
mod regards;
mod words;
mod world;

mod batches;
mod boards;
mod calls;
mod closing;
mod conversations;
mod deleting;
mod endings;
mod group_invitations;
mod groups;
mod invitations;
mod messages;
mod names;
mod once;
mod pages;
mod push;
mod retention;
mod signals;
mod streams;
mod users;
mod webhooks;

mod appearing;
mod checking;
mod clock;
mod crowd;
mod doubt;
mod hanging;
mod lists;
mod looked_at;
mod moving;
mod neighbours;
mod postgres;
mod shared;
mod spoilt;
mod sqlite;
mod upgrades;

use std::pin::Pin;
use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::error::Elapsed;
use world::{Backend, World};

/// A case is over in milliseconds, or in two seconds when a deadline has to pass; a hanging store is no longer waited for.
const LONGEST_CASE: Duration = Duration::from_mins(1);

/// A promise and the story that shows it.
struct Case {
    name: &'static str,
    story: for<'a> fn(&'a mut World) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
}

macro_rules! cases {
    ($($topic:ident: $($story:ident),+;)+) => {
        &[$($(Case {
            name: concat!(stringify!($topic), "::", stringify!($story)),
            story: |world| Box::pin($topic::$story(world)),
        }),+),+]
    };
}

/// Every case. A store passes all of them.
const CASES: &[Case] = cases! {
    once:
        a_repeat_hears_the_first_reply,
        repeats_in_one_batch_are_carried_out_once,
        a_repeated_mark_hears_the_time_that_was_named_first,
        a_reply_is_forgotten_after_its_time;
    users:
        a_registered_user_is_known,
        a_profile_changes_field_by_field,
        blocks_are_kept_and_listed_in_byte_order,
        who_may_reach_a_user_is_kept,
        when_a_user_is_quiet_is_kept_and_who_rang_them,
        how_it_rings_is_kept_with_the_invitation,
        a_disabled_user_is_kept_until_they_are_enabled,
        all_users_are_listed_page_by_page,
        a_page_of_users_who_say_much_ends_earlier,
        unknown_names_are_answered_with_nothing;
    deleting:
        a_deleted_user_is_unknown_and_their_name_is_taken,
        what_others_have_of_a_deleted_user_stays,
        a_deletion_has_its_place_in_its_batch,
        a_long_life_is_erased_step_by_step;
    regards:
        whoever_has_written_knows_and_whoever_was_written_to_does_not,
        members_know_each_other_where_the_group_is_familiar_to_them,
        a_deleted_user_regards_nobody;
    invitations:
        an_invitation_is_found_by_every_way,
        everything_the_invite_said_is_kept,
        a_repeat_gets_the_first_reply_also_after_reopening,
        a_used_up_invite_id_is_refused,
        the_limit_of_open_invitations_holds,
        a_newer_invitation_without_deadline_closes_the_oldest,
        invitations_without_deadline_make_room_for_all_others,
        the_limits_of_what_is_pending_for_one_invitee_hold,
        an_invitation_for_those_online_leaves_no_message;
    endings:
        an_accepted_invitation_is_over,
        a_rejected_invitation_is_over,
        a_cancelled_invitation_is_over,
        a_modified_invitation_rings_on,
        a_deadline_that_passed_ends_it_and_an_early_look_does_not,
        an_invitation_without_deadline_ends_quietly,
        an_expiry_of_what_is_settled_changes_nothing;
    calls:
        a_call_is_kept_at_every_step,
        whoever_is_in_a_call_is_busy,
        two_who_call_each_other_meet,
        a_batch_sees_the_steps_before_in_it,
        whoever_goes_on_is_in_the_new_call,
        a_group_finds_its_running_calls,
        a_dismissed_group_leaves_no_call,
        the_newest_call_of_a_room_is_meant,
        calls_are_listed_newest_first_in_pages,
        few_missed_calls_among_many_are_found,
        a_page_of_calls_ends_by_its_bytes,
        all_running_calls_are_listed_page_by_page,
        a_page_of_running_calls_ends_by_its_bytes,
        seen_calls_stay_seen;
    batches:
        of_two_accepts_together_one_wins,
        a_batch_sees_what_came_before_in_it,
        a_refused_command_leaves_its_neighbours_alone,
        names_are_given_once_in_a_batch,
        many_commands_of_many_users_leave_no_gap;
    streams:
        a_stream_is_read_in_pages,
        a_page_of_a_stream_ends_by_its_bytes,
        a_stream_goes_on_after_reopening,
        the_reader_is_told_what_was_his_own,
        a_platform_goes_on_where_it_was_told,
        a_ring_is_in_vain_for_each_reader_to_whom_the_invitation_is_over;
    boards:
        what_members_wrote_is_found_until_the_group_is_dismissed,
        all_who_count_in_one_batch_are_counted,
        a_batch_sees_the_writes_before_in_it;
    groups:
        a_group_is_found_by_its_members,
        all_groups_are_listed_page_by_page,
        what_a_user_is_to_a_group_is_found,
        a_group_is_described_anew,
        members_come_and_go,
        the_limit_of_a_users_groups_holds,
        roles_change_and_the_group_is_handed_over,
        a_later_group_of_the_same_name_starts_empty,
        who_comes_later_counts_from_there;
    group_invitations:
        members_or_parties_are_concerned,
        the_invitee_who_leaves_is_removed,
        the_inviter_who_leaves_ends_it,
        a_dismissal_ends_all_of_them,
        members_answer_one_after_the_other;
    messages:
        a_message_is_kept_as_it_was_sent,
        a_client_message_id_is_used_up_once_for_each_sender,
        a_number_beyond_every_column_names_nothing,
        a_revoked_message_loses_its_content,
        history_is_read_in_both_directions,
        a_message_for_those_online_has_no_place_in_history;
    signals:
        a_call_by_messages_is_kept_like_any_other,
        the_key_of_a_signal_is_used_up,
        members_are_told_by_a_message_to_their_group,
        of_two_roads_in_one_batch_one_is_first;
    conversations:
        unread_messages_are_counted_until_read,
        what_is_excluded_is_not_counted_or_shown,
        a_list_looks_back_a_thousand_messages,
        conversations_are_listed_newest_first_in_pages,
        readers_are_those_who_read_so_far,
        a_group_is_a_conversation_of_its_members;
    pages:
        open_invitations_are_listed_oldest_first_in_pages,
        a_page_goes_on_after_an_invitation_that_has_ended,
        what_a_member_is_not_told_takes_no_room,
        a_page_looks_at_so_many_open_invitations,
        a_page_of_open_invitations_ends_by_its_bytes,
        history_and_streams_end_by_their_bytes,
        conversations_end_by_the_bytes_of_their_last_messages,
        groups_and_blocks_are_listed_in_pages;
    retention:
        nothing_young_is_dropped,
        events_for_those_online_go_first,
        old_events_leave_streams_and_the_floor_rises,
        old_messages_leave_history_and_numbers_go_on,
        ended_invitations_go_and_open_ones_stay,
        ended_calls_go_and_running_ones_stay,
        a_call_keeps_its_name_without_its_invitation,
        used_up_client_message_ids_are_free_again;
    names:
        any_legal_name_is_a_name,
        names_that_differ_in_case_are_different,
        any_text_is_kept_byte_by_byte,
        a_nul_is_a_character_like_others;
    push:
        a_device_is_woken_by_what_it_registered_last,
        a_token_belongs_to_whoever_registered_it_last,
        a_user_has_so_many_devices_that_are_woken,
        a_ring_is_known_at_each_device;
    webhooks:
        an_endpoint_goes_on_where_it_was_served,
        of_two_who_write_a_place_one_is_told_to_read_it_again,
        a_place_is_found_by_its_time,
        the_journal_is_read_in_pages,
        a_page_of_the_journal_ends_by_its_bytes,
        what_is_older_than_three_days_is_given_up;
    closing:
        what_was_queued_is_committed,
        a_closed_store_refuses,
        an_open_store_answers;
};

/// Runs every case, each on a database that `fresh` makes for the case of that number.
async fn all_cases(mut fresh: impl FnMut(usize) -> Box<dyn Backend>) {
    let mut failed = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let backend = fresh(number);
        let told = tokio::spawn(tokio::time::timeout(LONGEST_CASE, whole_case(backend, case)));
        failed.extend(report(case.name, &told.await));
    }
    assert!(failed.is_empty(), "{} of {} cases failed: {}", failed.len(), CASES.len(), failed.join(", "));
}

/// Prints what a case came to; returns its name when it failed.
fn report<T>(name: &'static str, told: &Result<Result<T, Elapsed>, JoinError>) -> Option<&'static str> {
    let (outcome, failed) = match told {
        Ok(Ok(_)) => ("ok", None),
        Ok(Err(_)) => ("FAILED: it did not end", Some(name)),
        Err(_) => ("FAILED", Some(name)),
    };
    eprintln!("{name} ... {outcome}");
    failed
}

/// The story; then everything it told must be readable, before and after the store is opened again.
async fn whole_case(backend: Box<dyn Backend>, case: &Case) {
    let mut world = World::new(backend).await;
    (case.story)(&mut world).await;
    world.recalls_what_it_told().await;
    world.reopens().await;
    world.recalls_what_it_told().await;
    world.closes().await;
}
