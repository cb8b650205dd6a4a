/*
 * Wigwag for C: invitations, calls, messages and groups, over one connection that is kept.
 *
 * Generated from crates/client-ffi by `cargo xtask generate`; do not edit. docs/native.md has the build lines and an example.
 *
 * What holds for every function:
 *
 * - It may be called from any thread, and from callbacks, where nothing else is said. None waits for the network but
 *   wigwag_client_close() and wigwag_shutdown().
 * - It gives a result, and does nothing unless that is WIGWAG_RESULT_OK; wigwag_last_error() then has the words.
 * - What it is given is copied before it returns. What a callback is given is valid until the callback returns. The app owns no
 *   memory of the library's, so there is nothing to free but clients.
 * - NULL, handles that were closed, and texts that are not UTF-8 get a result. Pointers to something else than the function asks for
 *   cannot be told from good ones.
 *
 * Callbacks come from threads of the library's, at most 16 for the whole process; those of one client one after the other. One that is
 * busy delays the next of its own client, and no connection. It must return: an exception or a longjmp that leaves it ends the process.
 *
 * After fork() the child may not use a library that the parent has used: every function gives WIGWAG_RESULT_FORKED there.
 */

#ifndef WIGWAG_H
#define WIGWAG_H

#include <stddef.h>
#include <stdint.h>

/// Bytes of a WigwagInviteID: the longest inviteID and a NUL.
#define WIGWAG_INVITE_ID_SIZE 129

/// What every function gives, and every reply.
enum WigwagResult
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Done; for a request: on its way, and its callback will be called.
    WIGWAG_RESULT_OK = 0,
    /// A pointer that must not be NULL is NULL.
    WIGWAG_RESULT_NULL_POINTER = 1,
    /// A text is not UTF-8.
    WIGWAG_RESULT_NOT_UTF8 = 2,
    /// An argument breaks a rule; wigwag_last_error() says which.
    WIGWAG_RESULT_INVALID_ARGUMENT = 3,
    /// The handle is of no client: it was closed, or never opened.
    WIGWAG_RESULT_UNKNOWN_CLIENT = 4,
    /// Too many clients, or too many requests without a reply; try again later.
    WIGWAG_RESULT_BUSY = 5,
    /// This function waits, so it must not be called from a callback.
    WIGWAG_RESULT_IN_CALLBACK = 6,
    /// The library was used before this process was forked; it works in the parent only.
    WIGWAG_RESULT_FORKED = 7,
    /// The library failed inside; nothing was done. A bug of ours.
    WIGWAG_RESULT_PANICKED = 8,
    /// The operating system gave no thread or no file.
    WIGWAG_RESULT_SYSTEM = 9,
    /// The server said no; the reply's code and reason say why.
    WIGWAG_RESULT_REFUSED = 20,
    /// No reply came in time. The command may or may not have been carried out.
    WIGWAG_RESULT_TIMED_OUT = 21,
    /// The connection was lost before the reply, and the command is not one that can be repeated safely. It may have been carried out.
    WIGWAG_RESULT_DISCONNECTED = 22,
    /// The client has stopped; the reply's reason says why.
    WIGWAG_RESULT_STOPPED = 23,
    /// The reply cannot be read by this version.
    WIGWAG_RESULT_UNREADABLE = 24,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WigwagResult WigwagResult;
#else
typedef int32_t WigwagResult;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What happened. Numbers may be added; pass over those you do not know.
enum WigwagEventType
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// A connection is being made, for the first time or again.
    WIGWAG_EVENT_TYPE_CONNECTING = 1,
    /// Signed in. `json` is `{"userID": …, "serverTime": …}`.
    WIGWAG_EVENT_TYPE_CONNECTED = 2,
    /// The connection was lost and will be made again after `trouble.retry_after_ms`.
    WIGWAG_EVENT_TYPE_RECONNECTING = 3,
    /// The client will not connect again; `trouble` says why. Close it. Requests give WIGWAG_RESULT_STOPPED.
    WIGWAG_EVENT_TYPE_STOPPED = 4,
    /// The stream starts anew (first sign-in of a device, or it was away for too long). `json` is `{"why": "noCursor" | "cursorTooOld",
    /// "openInvitations": […]}`; invitations that wait for this user follow as INVITATION_RECEIVED.
    WIGWAG_EVENT_TYPE_RESYNCED = 5,
    /// The cursor file could not be written; told once until it can. Events may be told again after a restart.
    WIGWAG_EVENT_TYPE_CURSOR_NOT_STORED = 6,
    /// Somebody is invited. In a group every member is told: look whether you are among `invitees`.
    WIGWAG_EVENT_TYPE_INVITATION_RECEIVED = 10,
    /// An invitee accepted: `invitees` is the one.
    WIGWAG_EVENT_TYPE_INVITATION_ACCEPTED = 11,
    /// An invitee rejected, or left the group: `invitees` is the one.
    WIGWAG_EVENT_TYPE_INVITATION_REJECTED = 12,
    /// The inviter took it back, left the group or dismissed it. `invitees` are those who need not answer any more; with `still_open` there
    /// are others who are still asked: go on ringing unless you are among `invitees`.
    WIGWAG_EVENT_TYPE_INVITATION_CANCELLED = 13,
    /// The deadline passed. `invitees` are those who had not answered. Comes at the deadline also while this device is offline.
    WIGWAG_EVENT_TYPE_INVITATION_TIMED_OUT = 14,
    /// Its data was replaced.
    WIGWAG_EVENT_TYPE_INVITATION_MODIFIED = 15,
    /// Everything else: messages, groups, calls, users, and what a newer server tells. `name` is the type in docs/protocol.md, `json`
    /// the event.
    WIGWAG_EVENT_TYPE_OTHER = 100,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WigwagEventType WigwagEventType;
#else
typedef int32_t WigwagEventType;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Where the connection of a client stands.
enum WigwagState
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// A connection is being made, for the first time or again.
    WIGWAG_STATE_CONNECTING = 1,
    /// Signed in.
    WIGWAG_STATE_CONNECTED = 2,
    /// The connection was lost and will be made again.
    WIGWAG_STATE_RECONNECTING = 3,
    /// The client will not connect again.
    WIGWAG_STATE_STOPPED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WigwagState WigwagState;
#else
typedef int32_t WigwagState;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What a JSON value is.
enum WigwagJsonKind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// `null`
    WIGWAG_JSON_KIND_NULL = 0,
    /// `false` or `true`: `number` is 0 or 1.
    WIGWAG_JSON_KIND_BOOL = 1,
    /// `integer` and `number`.
    WIGWAG_JSON_KIND_NUMBER = 2,
    /// `text`, unescaped.
    WIGWAG_JSON_KIND_TEXT = 3,
    /// Its values follow, each with its `key`, then END.
    WIGWAG_JSON_KIND_OBJECT = 4,
    /// Its values follow, then END.
    WIGWAG_JSON_KIND_ARRAY = 5,
    /// The object or array that was begun last is complete.
    WIGWAG_JSON_KIND_END = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WigwagJsonKind WigwagJsonKind;
#else
typedef int32_t WigwagJsonKind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// A text: `length` bytes of UTF-8. Texts that the library gives are followed by a NUL which is not counted, and are valid until the
/// callback returns that they were given to; texts that an app gives need no NUL, and are copied. `{NULL, 0}` is an empty text. The app's
/// own payloads may contain NULs.
typedef struct WigwagText {
    /// The bytes.
    const char *bytes;
    /// How many.
    size_t length;
} WigwagText;

/// Names one client. A number, not a pointer: one that was closed is refused with WIGWAG_RESULT_UNKNOWN_CLIENT, even when others have been
/// opened since. `{0}` is never one.
typedef struct WigwagClient {
    /// Not for apps to read.
    uint64_t id;
} WigwagClient;

/// What an event tells of an invitation.
typedef struct WigwagInvitation {
    /// Its name.
    struct WigwagText invite_id;
    /// Who invites.
    struct WigwagText inviter;
    /// Empty one-to-one.
    struct WigwagText group_id;
    /// See WigwagEventType; empty when its data was replaced.
    const struct WigwagText *invitees;
    /// How many.
    size_t invitee_count;
    /// The payload of the invitation, of the answer or of the cancel.
    struct WigwagText data;
    /// Seconds; 0 = no deadline. Of an invitation received only, else 0.
    uint32_t timeout;
    /// 1, 2, 3 …: how often the invitation has changed, this event included.
    uint32_t version;
    /// How long it still rings by the server's clock, ms; -1 without a deadline and on all but an invitation received.
    int64_t remaining_ms;
    /// 1 when the app was told of this before: it rang at the sign-in already, or ended by itself while this device was offline. The
    /// event is news to those only who keep its message.
    uint8_t told_before;
    /// 1 when this need not ring: an invitation without a deadline that was more than a minute old at the sign-in. Apps use such
    /// invitations as messages.
    uint8_t is_past;
    /// 1 when a cancel took it back from some invitees only, and it goes on for the others.
    uint8_t still_open;
} WigwagInvitation;

/// What went wrong.
typedef struct WigwagTrouble {
    /// The number that the field knows (docs/protocol.md, "Errors"); 0 when nothing is wrong. Several reasons may share one.
    int32_t code;
    /// 1 when the same can succeed later without being changed.
    uint8_t retryable;
    /// ms to wait before trying again; 0 when it is not known.
    uint64_t retry_after_ms;
    /// Tells apart what one number lumps together, such as "settled"; empty when nothing is wrong.
    struct WigwagText reason;
    /// For developers.
    struct WigwagText message;
} WigwagTrouble;

/// Something that the app should know. Everything in it is valid until the callback returns.
typedef struct WigwagEvent {
    /// What happened.
    WigwagEventType event_type;
    /// 1 when a command of this user's caused it, on whichever device.
    uint8_t by_self;
    /// 1 when this device did it itself; only with `own_acts`.
    uint8_t own;
    /// The type in docs/protocol.md, such as "invitation.received"; of the client's own events "client.connected" and the like.
    struct WigwagText name;
    /// Its place in the user's stream: 1, 2, 3 …; 0 for what the client tells by itself.
    uint64_t cursor;
    /// When it happened, server time in ms since 1970; 0 for what the client tells by itself.
    uint64_t time_ms;
    /// NULL unless the event is about an invitation.
    const struct WigwagInvitation *invitation;
    /// NULL unless something is wrong: RECONNECTING, STOPPED, CURSOR_NOT_STORED.
    const struct WigwagTrouble *trouble;
    /// The message that came, or that the action on an invitation left, as message.history shows it, JSON; else empty.
    struct WigwagText message;
    /// Everything, as JSON: the params of the event in docs/protocol.md.
    struct WigwagText json;
} WigwagEvent;

/// Told what happens. Called from a thread of the library's, never twice at once for one client. It may call any function of the library
/// but wigwag_shutdown(), and should not be busy for long. It must not be left by an exception or a longjmp: that ends the process.
typedef void (*WigwagOnEvent)(void *user, struct WigwagClient client, const struct WigwagEvent *event);

/// Told that a token is needed, for the first sign-in or because the last one has expired: give one with wigwag_set_token(), now or later
/// from any thread. Not called again before one was given. Called like WigwagOnEvent.
typedef void (*WigwagOnTokenNeeded)(void *user, struct WigwagClient client);

/// The last call for this client: `user` can be freed. Called like WigwagOnEvent.
typedef void (*WigwagOnClosed)(void *user, struct WigwagClient client);

/// Who signs in, and where. Set it to zero first (`WigwagOptions options = {0};`): zero is the default of everything that has one.
typedef struct WigwagOptions {
    /// `sizeof(WigwagOptions)`.
    size_t size;
    /// `ws://` or `wss://`; the path defaults to /v1/ws.
    struct WigwagText url;
    /// A UserSig or JWT. May be empty when `on_token_needed` is given.
    struct WigwagText token;
    /// Who is expected to sign in; a token of somebody else's is refused with 70013. Default: whoever the token is for.
    struct WigwagText user_id;
    /// This device; keep it across restarts. Default: a new one.
    struct WigwagText device_id;
    /// A file, which need not exist yet, in a folder which does: it keeps how far this device has read its events, so that after a restart
    /// it is told what happened meanwhile. One for each user and device. Default: each start begins with what is open.
    struct WigwagText cursor_file;
    /// 1 iOS, 2 Android, 3 Windows, 4 macOS, 7 Linux … as in docs/protocol.md. Default: what this is compiled for.
    uint32_t platform;
    /// How long a request waits for its reply, reconnects included, ms. Default: 10,000.
    uint32_t request_timeout_ms;
    /// How long the first sign-in may take before the client stops, ms. Default: as long as it takes.
    uint32_t connect_timeout_ms;
    /// 1: what this device does to invitations is told as events, too, marked `own`.
    uint8_t own_acts;
    /// Must be given.
    WigwagOnEvent on_event;
    /// May be NULL: then the client stops when the token has expired and wigwag_set_token() has given no other.
    WigwagOnTokenNeeded on_token_needed;
    /// May be NULL.
    WigwagOnClosed on_closed;
    /// Given to the three.
    void *user;
} WigwagOptions;

/// Whom to invite, and how. Set it to zero first: zero is the default of everything that has one.
typedef struct WigwagInvite {
    /// `sizeof(WigwagInvite)`.
    size_t size;
    /// Default: a new one, which is given back at once. The same again, with the same content, is the same invitation.
    struct WigwagText invite_id;
    /// wigwag_invite(): who is invited. Else empty.
    struct WigwagText invitee;
    /// wigwag_invite_in_group(): the group. Else empty.
    struct WigwagText group_id;
    /// wigwag_invite_in_group(): who is invited; those who are not members are left out and named in the reply.
    const struct WigwagText *invitees;
    /// How many.
    size_t invitee_count;
    /// The app's own payload, at most 16 KiB by the server's default.
    struct WigwagText data;
    /// Seconds; 0 = no deadline and no timeout.
    uint32_t timeout;
    /// 1: leaves no message, and reaches only users who are online; the same for all that follows from it.
    uint8_t online_user_only;
    /// Push settings, a JSON object that is kept as it is for the server's push adapters. Default: none.
    struct WigwagText offline_push_info;
    /// What makes the invitation open a call: "audio", "video" or a word of the app's. Default: it opens none.
    struct WigwagText media_type;
    /// With `media_type`: the room of a running call, to ring more people into it, or a name of the app's for a new one. Default: a new
    /// room.
    struct WigwagText room_id;
} WigwagInvite;

/// The name of an invitation, followed by a NUL; empty when there is none.
typedef struct WigwagInviteID {
    /// The text.
    char text[WIGWAG_INVITE_ID_SIZE];
} WigwagInviteID;

/// What became of a request. Everything in it is valid until the callback returns.
typedef struct WigwagReply {
    /// WIGWAG_RESULT_OK, or what went wrong.
    WigwagResult result;
    /// What went wrong; its code is 0 when the request was carried out.
    struct WigwagTrouble trouble;
    /// The result in docs/protocol.md, JSON; of a refusal its `error` object; else empty.
    struct WigwagText json;
} WigwagReply;

/// Told what became of a request, exactly once for each function that gave WIGWAG_RESULT_OK, at the latest when the client is closed.
/// Called like WigwagOnEvent; a reply may come before or after events of the same moment.
typedef void (*WigwagOnReply)(void *user, struct WigwagClient client, const struct WigwagReply *reply);

/// Given a text. Called once, before the function returns that it was given to, on the same thread.
typedef void (*WigwagOnText)(void *user, struct WigwagText text);

/// One step through a JSON text.
typedef struct WigwagJson {
    /// What it is.
    WigwagJsonKind kind;
    /// Its name in the object it is in; empty elsewhere.
    struct WigwagText key;
    /// Of a text.
    struct WigwagText text;
    /// Of a number: rounded towards zero, and kept within the type.
    int64_t integer;
    /// Of a number or a bool.
    double number;
} WigwagJson;

/// Given a JSON text step by step, before the function returns that it was given to, on the same thread.
typedef void (*WigwagOnJson)(void *user, const struct WigwagJson *json);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The version of the library, such as "0.1.0".
const char *wigwag_version(void);

/// What went wrong last on this thread, for developers; empty when nothing has. Valid until the next function fails on this thread.
const char *wigwag_last_error(void);

/// The name of a result, such as "WIGWAG_RESULT_OK"; of a number that is none, "WIGWAG_RESULT_UNKNOWN".
const char *wigwag_result_name(int32_t result);

/// A text that ends with a NUL, such as a literal, as a WigwagText that points to it. NULL is an empty text.
struct WigwagText wigwag_text(const char *text);

/// Opens a client: it signs in, and stays signed in across lost connections, until it is closed. Returns at once; `on_event` tells how it
/// goes. Requests can be made at once, and are sent when it is signed in. `client` is written before the first callback.
WigwagResult wigwag_client_open(const struct WigwagOptions *options,
                                struct WigwagClient *client);

/// Closes a client: its session ends, and its handle is refused from now on. Requests without a reply get one with WIGWAG_RESULT_STOPPED,
/// then `on_closed` is called, and nothing after it. Returns when that is done; from within a callback, of whichever client, at once.
WigwagResult wigwag_client_close(struct WigwagClient client);

/// Gives a token for the next sign-in: when `on_token_needed` asks, or ahead of it.
WigwagResult wigwag_set_token(struct WigwagClient client, struct WigwagText token);

/// Where the connection stands now.
WigwagResult wigwag_client_state(struct WigwagClient client, WigwagState *state);

/// What the server's clock says now, ms since 1970, as far as the last sign-in told; 0 before the first one.
WigwagResult wigwag_server_time(struct WigwagClient client, uint64_t *time_ms);

/// Closes all clients and ends the library's threads, for programs that unload it or look for leaks. The library can be used again
/// afterwards. Must not be called from a callback.
WigwagResult wigwag_shutdown(void);

/// Invites one user. `invite_id`, which may be NULL, has the invitation's name when this returns, before the reply; it is empty when this
/// fails. When the reply is WIGWAG_RESULT_TIMED_OUT, _DISCONNECTED or _STOPPED the invitation may have been made: cancel it by its name.
WigwagResult wigwag_invite(struct WigwagClient client,
                           const struct WigwagInvite *invite,
                           struct WigwagInviteID *invite_id,
                           WigwagOnReply on_reply,
                           void *user);

/// Invites some members of a group; see wigwag_invite(). The reply's `ignoredInvitees` names those who are not members.
WigwagResult wigwag_invite_in_group(struct WigwagClient client,
                                    const struct WigwagInvite *invite,
                                    struct WigwagInviteID *invite_id,
                                    WigwagOnReply on_reply,
                                    void *user);

/// Takes one's invitation back. Refused with 8010 when nobody is pending any more, 8011 unless one is the inviter.
WigwagResult wigwag_cancel(struct WigwagClient client,
                           struct WigwagText invite_id,
                           struct WigwagText data,
                           WigwagOnReply on_reply,
                           void *user);

/// Accepts an invitation. Refused with 8010 when somebody or something was faster (the reply's JSON has the outcome), 8011 unless one is
/// invited.
WigwagResult wigwag_accept(struct WigwagClient client,
                           struct WigwagText invite_id,
                           struct WigwagText data,
                           WigwagOnReply on_reply,
                           void *user);

/// Rejects an invitation; refused like wigwag_accept().
WigwagResult wigwag_reject(struct WigwagClient client,
                           struct WigwagText invite_id,
                           struct WigwagText data,
                           WigwagOnReply on_reply,
                           void *user);

/// Replaces an invitation's data. Refused with 8010 when it has ended or is for those online only, 8011 unless one has a part in it.
WigwagResult wigwag_modify(struct WigwagClient client,
                           struct WigwagText invite_id,
                           struct WigwagText data,
                           WigwagOnReply on_reply,
                           void *user);

/// Reads one invitation from the server, open or ended.
WigwagResult wigwag_get(struct WigwagClient client, struct WigwagText invite_id, WigwagOnReply on_reply, void *user);

/// Makes an invitation known that was told another way, such as by a push. Refused with 8010 when there is no such invitation or it has
/// ended, and with 8012 when it is open and known: after a sign-in all that are open are.
WigwagResult wigwag_add_invited(struct WigwagClient client,
                                struct WigwagText invite_id,
                                WigwagOnReply on_reply,
                                void *user);

/// Gives the open invitations that this device was told of, oldest first, as a JSON array of what wigwag_get() gives. Nothing is asked.
WigwagResult wigwag_open_invitations(struct WigwagClient client,
                                     WigwagOnText on_text,
                                     void *user);

/// Gives one invitation that this device was told of, open or ended, as JSON; an empty text when it was told of none. Nothing is asked.
WigwagResult wigwag_known_invitation(struct WigwagClient client,
                                     struct WigwagText invite_id,
                                     WigwagOnText on_text,
                                     void *user);

/// Calls a method of the protocol by its name: messages, conversations, groups, users and calls (docs/protocol.md, "Methods"), such as
/// "message.send" with {"userID": "bob", "type": "text", "content": {"text": "hello"}}. `params` is a JSON object; empty is {}. The methods
/// session.* are the library's own. Give message.send a "clientMsgID", so that it can be repeated safely when its reply is lost.
WigwagResult wigwag_request(struct WigwagClient client,
                            struct WigwagText method,
                            struct WigwagText params,
                            WigwagOnReply on_reply,
                            void *user);

/// Gives the calls that run as far as this device was told, oldest first, as a JSON array of what call.get gives. Nothing is asked.
WigwagResult wigwag_running_calls(struct WigwagClient client,
                                  WigwagOnText on_text,
                                  void *user);

/// Gives one call that this device was told of, running or over, as JSON: what call.get gives. An empty text when it was told of none; the
/// newest 200 are known. Nothing is asked.
WigwagResult wigwag_known_call(struct WigwagClient client,
                               struct WigwagText call_id,
                               WigwagOnText on_text,
                               void *user);

/// Walks through a JSON text from left to right; the keys of an object come in no particular order. A text that is not JSON, or is nested
/// deeper than 127 levels, is refused before the first step.
WigwagResult wigwag_json_walk(struct WigwagText text,
                              WigwagOnJson on_json,
                              void *user);

/// Gives what the `data` of a custom message says about an invitation, as JSON (docs/protocol.md, "Signaling in history"); an empty text
/// when it is not signaling.
WigwagResult wigwag_signaling_of(struct WigwagText data,
                                 WigwagOnText on_text,
                                 void *user);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* WIGWAG_H */
