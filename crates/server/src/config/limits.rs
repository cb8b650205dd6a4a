//! `[limits]`

/// How much one user may ask for.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct LimitsConfig {
    /// Bytes in the `data` of an invitation or an answer, and in the content of a message. More is refused (8001).
    #[config(default = 16_384, env = "WIGWAG_LIMITS_DATA_BYTES")]
    pub data_bytes: usize,

    /// Bytes in one frame from a client that has signed in, 4096 to 1048576; at least twice data_bytes, because escaping in JSON
    /// makes text longer. A larger frame is refused (-32004), and one of more than twice as much closes the connection (close code
    /// 1009).
    #[config(default = 65_536, env = "WIGWAG_LIMITS_FRAME_BYTES")]
    pub frame_bytes: usize,

    /// Invitees in one invitation.
    #[config(default = 1_000, env = "WIGWAG_LIMITS_INVITEES")]
    pub invitees: usize,

    /// Invitations one user may have open as their inviter. One more is refused (7008). Those without a deadline (timeout 0) make
    /// room at this and the following bounds: the oldest are closed quietly for any new one.
    #[config(default = 100, env = "WIGWAG_LIMITS_OPEN_INVITATIONS")]
    pub open_invitations: usize,

    /// Invitations without a deadline (timeout 0) one user may have open to one other user, or in one group, 1 to 100. Apps send
    /// them as messages, such as "hang up"; one more closes the oldest quietly.
    #[config(default = 3, env = "WIGWAG_LIMITS_OPEN_LASTING")]
    pub open_lasting: usize,

    /// Invitations one group may have open, of all inviters together. One more is refused (7008). A group that is dismissed
    /// ends all of them at once, and tells every member of each.
    #[config(default = 100, env = "WIGWAG_LIMITS_GROUP_OPEN_INVITATIONS")]
    pub group_open_invitations: usize,

    /// Invitations of one inviter that may be pending for one invitee. One more is refused (7008); an invitation in a group
    /// leaves that invitee out and names them in ignoredInvitees.
    #[config(default = 10, env = "WIGWAG_LIMITS_PAIR_OPEN_INVITATIONS")]
    pub pair_open_invitations: usize,

    /// Invitations that may be pending for one invitee, of all inviters together, at least pair_open_invitations. One more
    /// is refused (7008), or leaves the invitee out of a group's invitation. A device that signs in is told all of them.
    #[config(default = 100, env = "WIGWAG_LIMITS_INVITEE_OPEN_INVITATIONS")]
    pub invitee_open_invitations: usize,

    /// Commands per second one user may send in the long run, over all of their devices and all servers: messages, groups, profiles,
    /// and invitations without a deadline (timeout 0). More are refused (7008) with the time to wait. Whoever types is far below it.
    #[config(default = 20, env = "WIGWAG_LIMITS_COMMANDS_PER_SECOND")]
    pub commands_per_second: u32,

    /// Commands one user may send at once after a quiet time; at least commands_per_second.
    #[config(default = 40, env = "WIGWAG_LIMITS_COMMAND_BURST")]
    pub command_burst: u32,

    /// Invitations with a deadline per second one user may send in the long run, over all of their devices on one server. They are
    /// counted for themselves, so that no message keeps a call from being made. More are refused (7008) with the time to wait.
    #[config(default = 20, env = "WIGWAG_LIMITS_CALLS_PER_SECOND")]
    pub calls_per_second: u32,

    /// Invitations with a deadline one user may send at once after a quiet time; at least calls_per_second.
    #[config(default = 40, env = "WIGWAG_LIMITS_CALL_BURST")]
    pub call_burst: u32,

    /// Accepts, rejects and cancels per second of one user in the long run, over all of their devices on one server. More are
    /// refused (7008) with the time to wait. Twice calls_per_second, because one call may be accepted and another cancelled.
    #[config(default = 40, env = "WIGWAG_LIMITS_ANSWERS_PER_SECOND")]
    pub answers_per_second: u32,

    /// Accepts, rejects and cancels of one user at once after a quiet time; at least answers_per_second. The default is two for each
    /// of the 64 devices that a user may have, which may all answer the same call at once.
    #[config(default = 128, env = "WIGWAG_LIMITS_ANSWER_BURST")]
    pub answer_burst: u32,

    /// Lists, histories and other reads per second of one user in the long run, over all of their devices on one server. More are
    /// refused (7008) with the time to wait; our clients wait by themselves. One may read 256 KiB.
    #[config(default = 20, env = "WIGWAG_LIMITS_READS_PER_SECOND")]
    pub reads_per_second: u32,

    /// Reads of one user at once after a quiet time; at least reads_per_second. The default is enough for twenty screens of one
    /// account that come back together and read six lists each.
    #[config(default = 128, env = "WIGWAG_LIMITS_READ_BURST")]
    pub read_burst: u32,

    /// Sign-ins per second of one user in the long run, over all of their devices on one server. More are refused (7008) with the
    /// time to wait. Each reads the store three times; a device that loses its network comes back once in some seconds.
    #[config(default = 5, env = "WIGWAG_LIMITS_SIGN_INS_PER_SECOND")]
    pub sign_ins_per_second: u32,

    /// Sign-ins of one user at once after a quiet time; at least sign_ins_per_second. The default is sessions.per_user: all devices of
    /// one account come back together after a restart.
    #[config(default = 64, env = "WIGWAG_LIMITS_SIGN_IN_BURST")]
    pub sign_in_burst: u32,

    /// Frames per second of one user that ask for nothing that can be done, in the long run, over all of their devices on one server:
    /// no JSON, an unknown method, wrong parameters, too large, a second session.open, acknowledgements of nothing new. More are
    /// refused (7008), and a device that goes on is closed (close code 4504). Clients that look for signs of life acknowledge the same
    /// cursor again, some times a minute.
    #[config(default = 10, env = "WIGWAG_LIMITS_NOISE_PER_SECOND")]
    pub noise_per_second: u32,

    /// Such frames of one user at once after a quiet time; at least noise_per_second.
    #[config(default = 40, env = "WIGWAG_LIMITS_NOISE_BURST")]
    pub noise_burst: u32,

    /// Messages and invitations per second in one group, from all members together. More are refused (10023) with the
    /// time to wait. Answers are not counted: a class that raises its hands at once is never refused.
    #[config(default = 100, env = "WIGWAG_LIMITS_GROUP_MESSAGES_PER_SECOND")]
    pub group_messages_per_second: u32,

    /// Members of one group. Each has a stream of their own, so a message in a full group is that many rows.
    #[config(default = 2_000, env = "WIGWAG_LIMITS_GROUP_MEMBERS")]
    pub group_members: usize,

    /// Groups of one user. More are refused (10037). A page of conversations looks at all groups of its user, and a user may read
    /// 20 pages a second.
    #[config(default = 500, env = "WIGWAG_LIMITS_USER_GROUPS")]
    pub user_groups: usize,

    /// Seconds; the longest timeout an invitation may have, 1 to 86400 (a day).
    #[config(default = 86_400, env = "WIGWAG_LIMITS_MAX_TIMEOUT_S")]
    pub max_timeout_s: u32,

    /// Seconds after which the sender can no longer take a message back, 0 to 31536000 (a year). Refused (20016) after that.
    #[config(default = 120, env = "WIGWAG_LIMITS_REVOKE_WINDOW_S")]
    pub revoke_window_s: u32,

    /// Bytes in a group's name and in a nickname. More is refused (8001).
    #[config(default = 100, env = "WIGWAG_LIMITS_NAME_BYTES")]
    pub name_bytes: usize,

    /// Bytes in the ext of a group or a user. More is refused (8001).
    #[config(default = 4_096, env = "WIGWAG_LIMITS_EXT_BYTES")]
    pub ext_bytes: usize,

    /// Users that one request may add to a group or remove from it. More is refused (10004).
    #[config(default = 100, env = "WIGWAG_LIMITS_USERS_PER_REQUEST")]
    pub users_per_request: usize,

    /// Connections at once. Further ones are closed as they come. About 8 KiB of memory each when idle; the
    /// operating system's limit on open files (ulimit -n) must be higher than this.
    #[config(default = 100_000, env = "WIGWAG_LIMITS_CONNECTIONS")]
    pub connections: usize,

    /// Connections at once that have not signed in; those that fetch the page are among them. One more is answered with
    /// HTTP status 503, and should come again after the seconds in Retry-After. Each may cost 24 KiB at most, for the 10 s that it
    /// has. The default is enough for a fleet that comes back at once after a restart.
    #[config(default = 20_000, env = "WIGWAG_LIMITS_UNSIGNED_CONNECTIONS")]
    pub unsigned_connections: usize,

    /// Bytes in one frame from a client that has not signed in, 1024 to 65536. A larger one closes the connection (close code
    /// 1009). A token of generous size has 2 KiB.
    #[config(default = 8_192, env = "WIGWAG_LIMITS_UNSIGNED_FRAME_BYTES")]
    pub unsigned_frame_bytes: usize,

    /// Bytes of messages that all connections that have not signed in may have begun and not finished, 65536 to 1073741824; a frame
    /// counts with the length that it announces. One that would be over it is closed (close code 4002). A frame that comes in one piece never counts, so this
    /// does not shut out those who sign in, whatever others do.
    #[config(default = 16_777_216, env = "WIGWAG_LIMITS_UNSIGNED_BYTES")]
    pub unsigned_bytes: usize,

    /// Bytes that the kernel may hold for one connection whose client does not read, 4096 to 4194304. Linux takes twice as much,
    /// for its own needs; left alone it takes up to 4 MiB (net.ipv4.tcp_wmem). The default lets a phone that is 100 ms away
    /// receive some 300 KB a second, far more than signaling needs.
    #[config(default = 32_768, env = "WIGWAG_LIMITS_SEND_BUFFER_BYTES")]
    pub send_buffer_bytes: u32,
}
