//! Invitations: invite, cancel, accept, reject, modify, get, and what this device knows of them.

use std::ffi::{c_char, c_void};

use serde_json::value::RawValue;
use wigwag_client::protocol::invitation::{InvitationView, Status};
use wigwag_client::protocol::params::{Answer, CallWish, Cancel, Get, Invite, InviteInGroup, Modify};
use wigwag_client::protocol::{GroupId, InviteId, RoomId, UserId};
use wigwag_client::{Client, Inviting, Trouble, requests};

use crate::abi::clients::{given, parse};
use crate::abi::requests::{answer, answer_with};
use crate::abi::types::{
    WIGWAG_INVITE_ID_SIZE, WigwagClient, WigwagInvite, WigwagInviteID, WigwagOnReply, WigwagOnText,
    WigwagResult, WigwagText,
};
use crate::callback::{User, give_text};
use crate::guard::{Fault, guarded};
use crate::told::{Text, json_of};
use crate::{foreign, registry};

/// Invites one user. `invite_id`, which may be NULL, has the invitation's name when this returns, before the reply; it is empty when this
/// fails. When the reply is WIGWAG_RESULT_TIMED_OUT, _DISCONNECTED or _STOPPED the invitation may have been made: cancel it by its name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_invite(
    client: WigwagClient,
    invite: *const WigwagInvite,
    invite_id: *mut WigwagInviteID,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: all of it is the app's.
    unsafe { inviting((client, invite, invite_id), (on_reply, User(user)), Wish::invite) }
}

/// Invites some members of a group; see wigwag_invite(). The reply's `ignoredInvitees` names those who are not members.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_invite_in_group(
    client: WigwagClient,
    invite: *const WigwagInvite,
    invite_id: *mut WigwagInviteID,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: all of it is the app's.
    unsafe { inviting((client, invite, invite_id), (on_reply, User(user)), Wish::invite_in_group) }
}

/// Takes one's invitation back. Refused with 8010 when nobody is pending any more, 8011 unless one is the inviter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_cancel(
    client: WigwagClient,
    invite_id: WigwagText,
    data: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: the texts are the app's.
    let said = || unsafe { answer_of(invite_id, data) };
    answer(client, (on_reply, User(user)), said, |client, Answer { invite_id, data, user_id }| {
        client.cancel(&Cancel { invite_id, invitee_list: None, data, user_id })
    })
}

/// Accepts an invitation. Refused with 8010 when somebody or something was faster (the reply's JSON has the outcome), 8011 unless one is
/// invited.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_accept(
    client: WigwagClient,
    invite_id: WigwagText,
    data: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: the texts are the app's.
    let said = || unsafe { answer_of(invite_id, data) };
    answer(client, (on_reply, User(user)), said, |client, answer| client.accept(&answer))
}

/// Rejects an invitation; refused like wigwag_accept().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_reject(
    client: WigwagClient,
    invite_id: WigwagText,
    data: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: the texts are the app's.
    let said = || unsafe { answer_of(invite_id, data) };
    answer(client, (on_reply, User(user)), said, |client, answer| client.reject(&answer))
}

/// Replaces an invitation's data. Refused with 8010 when it has ended or is for those online only, 8011 unless one has a part in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_modify(
    client: WigwagClient,
    invite_id: WigwagText,
    data: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: the texts are the app's.
    let said = || unsafe { answer_of(invite_id, data) };
    answer(client, (on_reply, User(user)), said, |client, Answer { invite_id, data, user_id: _ }| {
        client.modify(&Modify { invite_id, data })
    })
}

/// Reads one invitation from the server, open or ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_get(
    client: WigwagClient,
    invite_id: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: the text is the app's.
    let said = || unsafe { invite_id_of(invite_id) };
    answer(client, (on_reply, User(user)), said, |client, invite_id| {
        client.get(&Get { invite_id, after: None })
    })
}

/// Makes an invitation known that was told another way, such as by a push. Refused with 8010 when there is no such invitation or it has
/// ended, and with 8012 when it is open and known: after a sign-in all that are open are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_add_invited(
    client: WigwagClient,
    invite_id: WigwagText,
    on_reply: WigwagOnReply,
    user: *mut c_void,
) -> WigwagResult {
    // SAFETY: the text is the app's.
    let said = || unsafe { invite_id_of(invite_id) };
    answer_with(client, (on_reply, User(user)), said, |life, invite_id| {
        let known = life.client.invitation(&invite_id);
        let told = life.known.has(&invite_id);
        let client = life.client.clone();
        async move {
            let (view, known) = if let Some(view) = known {
                (view, true)
            } else {
                let got = client.get(&Get { invite_id, after: None }).await;
                (got.map_err(Trouble::from)?.invitation, told)
            };
            add_invited(&view, known)
        }
    })
}

/// Gives the open invitations that this device was told of, oldest first, as a JSON array of what wigwag_get() gives. Nothing is asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_open_invitations(
    client: WigwagClient,
    on_text: WigwagOnText,
    user: *mut c_void,
) -> WigwagResult {
    guarded(|| {
        wanted(on_text.is_some(), "on_text")?;
        let open = registry::find(client)?.client.invitations();
        give_text(on_text, User(user), Text::new(json_of(&open)).shown());
        Ok(())
    })
}

/// Gives one invitation that this device was told of, open or ended, as JSON; an empty text when it was told of none. Nothing is asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_known_invitation(
    client: WigwagClient,
    invite_id: WigwagText,
    on_text: WigwagOnText,
    user: *mut c_void,
) -> WigwagResult {
    guarded(|| {
        wanted(on_text.is_some(), "on_text")?;
        // SAFETY: the text is the app's.
        let invite_id = unsafe { invite_id_of(invite_id) }?;
        let known = registry::find(client)?.client.invitation(&invite_id);
        let text = known.map(|view| json_of(&view)).unwrap_or_default();
        give_text(on_text, User(user), Text::new(text).shown());
        Ok(())
    })
}

/// That something of the app's is there.
pub(crate) fn wanted(given: bool, name: &str) -> Result<(), Fault> {
    if given { Ok(()) } else { Err(Fault::new(WigwagResult::NullPointer, format!("{name} is NULL"))) }
}

/// What is to be made known is either news, or known, or over.
fn add_invited(view: &InvitationView, known: bool) -> Result<String, Trouble> {
    match (view.status, known) {
        (Status::Ended, _) => Err(Trouble::ended()),
        (Status::Open, true) => Err(Trouble::already_known()),
        (Status::Open, false) => Ok(json_of(view)),
    }
}

/// # Safety
/// The texts are as the header says.
unsafe fn answer_of(invite_id: WigwagText, data: WigwagText) -> Result<Answer, Fault> {
    // SAFETY: as the caller says.
    let invite_id = unsafe { invite_id_of(invite_id) }?;
    // SAFETY: as the caller says.
    let data = unsafe { foreign::text("data", data) }?;
    Ok(Answer { invite_id, data, user_id: None })
}

/// # Safety
/// The text is as the header says.
unsafe fn invite_id_of(text: WigwagText) -> Result<InviteId, Fault> {
    // SAFETY: as the caller says.
    let text = unsafe { foreign::text("invite_id", text) }?;
    parse(InviteId::parse(&text))
}

/// Asks, and gives the invitation's name at once.
///
/// # Safety
/// Everything is as the header says.
unsafe fn inviting(
    (client, invite, place): (WigwagClient, *const WigwagInvite, *mut WigwagInviteID),
    (on_reply, user): (WigwagOnReply, User),
    ask: impl FnOnce(Wish, &Client) -> Result<Inviting, Fault>,
) -> WigwagResult {
    guarded(|| {
        if !place.is_null() {
            // SAFETY: the app gives room for a name, or NULL.
            unsafe { foreign::write("invite_id", place, name("")) }?;
        }
        // SAFETY: as the caller says.
        let wish = unsafe { Wish::read(invite) }?;
        wanted(on_reply.is_some(), "on_reply")?;
        let life = registry::find(client)?;
        let permit = life.place()?;
        let inviting = ask(wish, &life.client)?;
        if !place.is_null() {
            // SAFETY: as above.
            unsafe { foreign::write("invite_id", place, name(inviting.invite_id().as_str())) }?;
        }
        let replied = crate::callback::Replied { call: on_reply, user };
        life.answer(permit, replied, async {
            inviting.await.map(|acted| json_of(&acted)).map_err(Trouble::from)
        });
        Ok(())
    })
}

/// An inviteID is at most 128 bytes of ASCII, so it fits.
fn name(invite_id: &str) -> WigwagInviteID {
    let mut text = [0; WIGWAG_INVITE_ID_SIZE];
    for (place, byte) in text.iter_mut().zip(invite_id.bytes().take(WIGWAG_INVITE_ID_SIZE - 1)) {
        *place = c_char::from_ne_bytes([byte]);
    }
    WigwagInviteID { text }
}

/// What is to be invited, read and checked as far as the server would not.
struct Wish {
    invite_id: Option<InviteId>,
    invitee: String,
    group_id: String,
    invitees: Vec<String>,
    data: String,
    timeout: u32,
    online_user_only: bool,
    push: Option<Box<RawValue>>,
    call: Option<CallWish>,
}

impl Wish {
    /// # Safety
    /// `invite` is as the header says.
    unsafe fn read(invite: *const WigwagInvite) -> Result<Self, Fault> {
        // SAFETY: as the caller says.
        let invite = unsafe { foreign::sized("invite", invite) }?;
        // SAFETY: as the caller says, for each.
        let text = |name, given| unsafe { foreign::text(name, given) };
        let invite_id = text("invite_id", invite.invite_id)?;
        let media_type = text("media_type", invite.media_type)?;
        let room_id = text("room_id", invite.room_id)?;
        Ok(Self {
            invite_id: given(&invite_id, InviteId::parse)?,
            invitee: text("invitee", invite.invitee)?,
            group_id: text("group_id", invite.group_id)?,
            // SAFETY: as the caller says.
            invitees: unsafe { foreign::texts("invitees", invite.invitees, invite.invitee_count) }?,
            data: text("data", invite.data)?,
            timeout: invite.timeout,
            online_user_only: invite.online_user_only != 0,
            push: object_of("offline_push_info", text("offline_push_info", invite.offline_push_info)?)?,
            call: call_of(&media_type, &room_id)?,
        })
    }

    fn invite(self, client: &Client) -> Result<Inviting, Fault> {
        if !self.group_id.is_empty() || !self.invitees.is_empty() {
            return Err(Fault::argument("group_id and invitees are for wigwag_invite_in_group()"));
        }
        let invitee = parse(UserId::parse(&self.invitee))?;
        Ok(client.invite(Invite {
            invite_id: self.invite_id,
            data: self.data,
            timeout: self.timeout,
            online_user_only: self.online_user_only,
            call: self.call,
            offline_push_info: self.push,
            ..requests::invite(invitee)
        }))
    }

    fn invite_in_group(self, client: &Client) -> Result<Inviting, Fault> {
        if !self.invitee.is_empty() {
            return Err(Fault::argument("invitee is for wigwag_invite()"));
        }
        let group_id = parse(GroupId::parse(&self.group_id))?;
        let invitees: Result<Vec<UserId>, Fault> =
            self.invitees.iter().map(|user| parse(UserId::parse(user))).collect();
        Ok(client.invite_in_group(InviteInGroup {
            invite_id: self.invite_id,
            data: self.data,
            timeout: self.timeout,
            online_user_only: self.online_user_only,
            call: self.call,
            offline_push_info: self.push,
            ..requests::invite_in_group(group_id, invitees?)
        }))
    }
}

/// The call that an invitation is for, if it is for one.
fn call_of(media_type: &str, room_id: &str) -> Result<Option<CallWish>, Fault> {
    if media_type.is_empty() {
        let without = || Fault::argument("room_id is for a call, which media_type opens");
        return if room_id.is_empty() { Ok(None) } else { Err(without()) };
    }
    let room_id = given(room_id, RoomId::parse)?;
    Ok(Some(CallWish { room_id, ..requests::call(media_type) }))
}

/// A JSON object; none where the text is empty.
pub(crate) fn object_of(name: &str, text: String) -> Result<Option<Box<RawValue>>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    match RawValue::from_string(text) {
        Ok(json) if json.get().starts_with('{') => Ok(Some(json)),
        Ok(_) | Err(_) => Err(Fault::argument(format!("{name} is not a JSON object"))),
    }
}
