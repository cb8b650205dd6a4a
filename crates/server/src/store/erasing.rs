//! What both stores erase of a deleted user, beside the rows.

/// The beginnings of bodies of events that only the user's own devices were told, and that say something of the user: of their profile, of
/// whom they block and let reach them, and of their list of conversations. Webhooks are told none of them.
pub(super) const OWN_EVENTS: [&str; 2] = [r#""type":"user."#, r#""type":"conversation."#];

/// Rows of one table that are erased in a step; a few milliseconds of work.
pub(super) const ERASED_AT_ONCE: i64 = 2_000;
