//! The bounds that an operator can set, with their defaults (docs/protocol.md, "Limits").

/// Bounds the rules check. Breaking one is a refusal, never a silent drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest `data` of an invitation or answer and longest message content, bytes.
    pub data_bytes: usize,
    /// Most invitees of one invitation.
    pub invitees: usize,
    /// Most open invitations of one inviter.
    pub open_invitations: usize,
    /// Most open invitations without a deadline from one inviter to one invitee, or in one group. Apps send them as messages
    /// ("hang up", "switch to audio"), so a newer one closes the oldest quietly. A few, because a switch may follow a
    /// hang-up before the other side has seen the first.
    pub open_lasting: usize,
    /// Most open invitations in one group. Dismissing the group ends all of them in one decision, each told to every
    /// member.
    pub group_open_invitations: usize,
    /// Most invitations that one inviter may have pending for one invitee.
    pub pair_open_invitations: usize,
    /// Most invitations that may be pending for one invitee, of all inviters together: a device that signs in is told
    /// all of them.
    pub invitee_open_invitations: usize,
    /// Longest time an invitation may ring, seconds.
    pub max_timeout: u32,
    /// Age at which an invitation without deadline is closed quietly, ms.
    pub no_deadline_age_ms: u64,
    /// Most members of a group.
    pub group_members: usize,
    /// Most groups of one user. Nothing is kept of groups in users' lists of conversations, so a page looks at all of
    /// them.
    pub user_groups: usize,
    /// Most people of one call, those included who declined or left: the call is written as a whole at every step.
    pub call_people: usize,
    /// Most running calls in one group. Dismissing the group ends all of them in one decision.
    pub group_calls: usize,
    /// What becomes of a call to somebody who is in another one.
    pub busy: WhenBusy,
    /// Age up to which a message can be taken back, ms.
    pub revoke_window_ms: u64,
    /// Longest name or nickname, bytes (Tencent's bound for group names).
    pub name_bytes: usize,
    /// Longest opaque `ext`, bytes.
    pub ext_bytes: usize,
    /// Most users named by one request to add or remove members.
    pub users_per_request: usize,
}

/// What becomes of a call to somebody who is in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// They are not rung, and the caller is told that they are busy.
    Report,
    /// They are rung: a waiting call.
    Ring,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            data_bytes: 16 * 1024,
            invitees: 1_000,
            open_invitations: 100,
            open_lasting: 3,
            group_open_invitations: 100,
            pair_open_invitations: 10,
            invitee_open_invitations: 100,
            max_timeout: 86_400,
            no_deadline_age_ms: 24 * 3_600_000,
            group_members: 2_000,
            user_groups: 500,
            call_people: 250,
            group_calls: 10,
            busy: WhenBusy::Report,
            revoke_window_ms: 120_000,
            name_bytes: 100,
            ext_bytes: 4_096,
            users_per_request: 100,
        }
    }
}
