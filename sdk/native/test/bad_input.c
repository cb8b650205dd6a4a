/*
 * What must get a result and nothing worse: bad_input URL TOKEN_OF_ALICE TOKEN_OF_BOB
 *
 * Built with the sanitizers. Every check that fails names its line.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wigwag.h>

#define CHECK(is)                                                                                                       \
    do {                                                                                                                \
        if (!(is)) {                                                                                                    \
            fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #is, wigwag_last_error());              \
            exit(1);                                                                                                    \
        }                                                                                                               \
    } while (0)

/* What the callbacks of one client have noted. */
typedef struct Notes {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int connected, stopped, closed, replies, rung;
    WigwagResult last_result;
    int32_t last_code;
    char last_text[1024];
    char rung_id[WIGWAG_INVITE_ID_SIZE];
    int closes_itself;
} Notes;

static void notes_begin(Notes *notes) {
    memset(notes, 0, sizeof *notes);
    pthread_mutex_init(&notes->lock, NULL);
    pthread_cond_init(&notes->changed, NULL);
}

static void note(Notes *notes, int *what) {
    pthread_mutex_lock(&notes->lock);
    *what += 1;
    pthread_cond_broadcast(&notes->changed);
    pthread_mutex_unlock(&notes->lock);
}

static void wait_for(Notes *notes, const int *what, int count) {
    pthread_mutex_lock(&notes->lock);
    while (*what < count) {
        pthread_cond_wait(&notes->changed, &notes->lock);
    }
    pthread_mutex_unlock(&notes->lock);
}

static void on_reply(void *user, WigwagClient client, const WigwagReply *reply) {
    Notes *notes = user;
    (void)client;
    notes->last_result = reply->result;
    notes->last_code = reply->trouble.code;
    snprintf(notes->last_text, sizeof notes->last_text, "%s", reply->json.length > 0 ? reply->json.bytes : reply->trouble.reason.bytes);
    note(notes, &notes->replies);
}

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    Notes *notes = user;
    if (event->event_type == WIGWAG_EVENT_TYPE_CONNECTED) {
        if (notes->closes_itself) {
            CHECK(wigwag_shutdown() == WIGWAG_RESULT_IN_CALLBACK);
            CHECK(wigwag_get(client, wigwag_text("nothing"), on_reply, user) == WIGWAG_RESULT_OK);
            CHECK(wigwag_client_close(client) == WIGWAG_RESULT_OK);
            CHECK(wigwag_client_close(client) == WIGWAG_RESULT_UNKNOWN_CLIENT);
        }
        note(notes, &notes->connected);
    } else if (event->event_type == WIGWAG_EVENT_TYPE_STOPPED) {
        notes->last_code = event->trouble->code;
        note(notes, &notes->stopped);
    } else if (event->event_type == WIGWAG_EVENT_TYPE_INVITATION_RECEIVED && !event->by_self) {
        snprintf(notes->rung_id, sizeof notes->rung_id, "%s", event->invitation->invite_id.bytes);
        CHECK(wigwag_accept(client, event->invitation->invite_id, wigwag_text("from within"), on_reply, user) == WIGWAG_RESULT_OK);
        note(notes, &notes->rung);
    }
}

static void on_closed(void *user, WigwagClient client) {
    Notes *notes = user;
    CHECK(wigwag_client_close(client) == WIGWAG_RESULT_UNKNOWN_CLIENT);
    note(notes, &notes->closed);
}

static WigwagOptions options_of(const char *url, const char *token, Notes *notes) {
    WigwagOptions options = {0};
    options.size = sizeof options;
    options.url = wigwag_text(url);
    options.token = wigwag_text(token);
    options.on_event = on_event;
    options.on_closed = on_closed;
    options.user = notes;
    return options;
}

static void text_is_empty(void *user, WigwagText text) {
    *(int *)user = text.length == 0;
}

static void options_that_break_a_rule(const char *url) {
    Notes notes;
    WigwagClient client;
    WigwagOptions options = options_of(url, "token", &notes);
    notes_begin(&notes);
    CHECK(wigwag_client_open(NULL, &client) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(wigwag_client_open(&options, NULL) == WIGWAG_RESULT_NULL_POINTER);
    options.size = 3;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_INVALID_ARGUMENT);
    options.size = sizeof options + 8;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_INVALID_ARGUMENT);
    /* What an app was compiled with that knows the first two fields only. */
    options.size = offsetof(WigwagOptions, token);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_NULL_POINTER);
    options = options_of("http://elsewhere", "token", &notes);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_INVALID_ARGUMENT);
    CHECK(strstr(wigwag_last_error(), "ws://") != NULL);
    options = options_of(url, "", &notes);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_INVALID_ARGUMENT);
    options = options_of(url, "token", &notes);
    options.url.bytes = NULL;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_NULL_POINTER);
    options = options_of(url, "\xff\xfe", &notes);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_NOT_UTF8);
    options = options_of(url, "token", &notes);
    options.platform = 12;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_INVALID_ARGUMENT);
    options.platform = 7;
    options.user_id = wigwag_text("not a userID");
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_INVALID_ARGUMENT);
}

static void handles_of_nobody(void) {
    WigwagClient nobodies[] = {{0}, {1}, {UINT64_MAX}, {1ull << 32}};
    WigwagState state;
    uint64_t time_ms;
    for (size_t i = 0; i < sizeof nobodies / sizeof *nobodies; i++) {
        CHECK(wigwag_client_close(nobodies[i]) == WIGWAG_RESULT_UNKNOWN_CLIENT);
        CHECK(wigwag_client_state(nobodies[i], &state) == WIGWAG_RESULT_UNKNOWN_CLIENT);
        CHECK(wigwag_server_time(nobodies[i], &time_ms) == WIGWAG_RESULT_UNKNOWN_CLIENT);
        CHECK(wigwag_set_token(nobodies[i], wigwag_text("t")) == WIGWAG_RESULT_UNKNOWN_CLIENT);
        CHECK(wigwag_cancel(nobodies[i], wigwag_text("i"), wigwag_text(""), on_reply, NULL) == WIGWAG_RESULT_UNKNOWN_CLIENT);
        CHECK(wigwag_request(nobodies[i], wigwag_text("group.list"), wigwag_text(NULL), on_reply, NULL) == WIGWAG_RESULT_UNKNOWN_CLIENT);
    }
}

static void requests_that_break_a_rule(WigwagClient client, Notes *notes) {
    WigwagInvite invite = {0};
    WigwagInviteID id;
    WigwagText bad = {"\xc3\x28", 2}, nothing = {NULL, 5};
    invite.size = sizeof invite;
    CHECK(wigwag_invite(client, NULL, &id, on_reply, notes) == WIGWAG_RESULT_NULL_POINTER && id.text[0] == 0);
    CHECK(wigwag_invite(client, &invite, &id, on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    invite.invitee = wigwag_text("bob");
    CHECK(wigwag_invite(client, &invite, &id, NULL, notes) == WIGWAG_RESULT_NULL_POINTER && id.text[0] == 0);
    invite.data = bad;
    CHECK(wigwag_invite(client, &invite, NULL, on_reply, notes) == WIGWAG_RESULT_NOT_UTF8);
    invite.data = wigwag_text("");
    invite.offline_push_info = wigwag_text("[1]");
    CHECK(wigwag_invite(client, &invite, &id, on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    invite.offline_push_info = wigwag_text("");
    invite.room_id = wigwag_text("a room");
    CHECK(wigwag_invite(client, &invite, &id, on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    invite.media_type = wigwag_text("audio");
    invite.room_id = bad;
    CHECK(wigwag_invite(client, &invite, &id, on_reply, notes) == WIGWAG_RESULT_NOT_UTF8);
    invite.media_type = invite.room_id = wigwag_text("");
    invite.invitee_count = 2;
    CHECK(wigwag_invite(client, &invite, &id, on_reply, notes) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(wigwag_accept(client, wigwag_text(""), wigwag_text(""), on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    CHECK(wigwag_reject(client, bad, wigwag_text(""), on_reply, notes) == WIGWAG_RESULT_NOT_UTF8);
    CHECK(wigwag_cancel(client, wigwag_text("i"), nothing, on_reply, notes) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(wigwag_modify(client, wigwag_text("i"), wigwag_text(""), NULL, notes) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(wigwag_request(client, wigwag_text("session.close"), wigwag_text(""), on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    CHECK(wigwag_request(client, wigwag_text("no.such"), wigwag_text(""), on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    CHECK(wigwag_request(client, wigwag_text("group.list"), wigwag_text("{"), on_reply, notes) == WIGWAG_RESULT_INVALID_ARGUMENT);
    CHECK(wigwag_open_invitations(client, NULL, NULL) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(wigwag_known_call(client, wigwag_text("c"), NULL, NULL) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(wigwag_known_call(client, wigwag_text(""), text_is_empty, NULL) == WIGWAG_RESULT_INVALID_ARGUMENT);
    CHECK(wigwag_json_walk(wigwag_text("{\"a\":"), NULL, NULL) == WIGWAG_RESULT_NULL_POINTER);
    CHECK(notes->replies == 0);
}

/* Requests before the sign-in are sent after it. A ring is answered from within the callback. */
static void a_call(WigwagClient alice, Notes *alices, WigwagClient bob, Notes *bobs) {
    WigwagInvite invite = {0};
    WigwagInviteID id;
    int is_empty = 0;
    wait_for(bobs, &bobs->connected, 1);
    invite.size = sizeof invite;
    invite.invitee = wigwag_text("bob");
    invite.data = (WigwagText){"a\0b", 3};
    invite.timeout = 30;
    CHECK(wigwag_invite(alice, &invite, &id, on_reply, alices) == WIGWAG_RESULT_OK && strlen(id.text) == 36);
    wait_for(alices, &alices->replies, 1);
    CHECK(alices->last_result == WIGWAG_RESULT_OK && strstr(alices->last_text, id.text) != NULL);
    wait_for(bobs, &bobs->replies, 1);
    CHECK(bobs->last_result == WIGWAG_RESULT_OK && strcmp(bobs->rung_id, id.text) == 0);
    CHECK(wigwag_known_invitation(bob, wigwag_text(id.text), text_is_empty, &is_empty) == WIGWAG_RESULT_OK && !is_empty);
    CHECK(wigwag_known_invitation(bob, wigwag_text("unheard of"), text_is_empty, &is_empty) == WIGWAG_RESULT_OK && is_empty);
    CHECK(wigwag_accept(alice, wigwag_text(id.text), wigwag_text(""), on_reply, alices) == WIGWAG_RESULT_OK);
    wait_for(alices, &alices->replies, 2);
    CHECK(alices->last_result == WIGWAG_RESULT_REFUSED && alices->last_code == 8011);
    CHECK(wigwag_add_invited(bob, wigwag_text(id.text), on_reply, bobs) == WIGWAG_RESULT_OK);
    wait_for(bobs, &bobs->replies, 2);
    CHECK(bobs->last_result == WIGWAG_RESULT_REFUSED && bobs->last_code == 8010);
}

/* A call that rings is known from the invitation that opens it, and its room from the reply; more people ring in that room. */
static void a_known_call(WigwagClient alice, Notes *alices, Notes *bobs) {
    WigwagInvite invite = {0};
    WigwagInviteID id;
    int is_empty = 0, replies = alices->replies;
    invite.size = sizeof invite;
    invite.invitee = wigwag_text("bob");
    invite.media_type = wigwag_text("audio");
    invite.room_id = wigwag_text("room-of-alice");
    CHECK(wigwag_invite(alice, &invite, &id, on_reply, alices) == WIGWAG_RESULT_OK);
    wait_for(alices, &alices->replies, replies + 1);
    CHECK(alices->last_result == WIGWAG_RESULT_OK && strstr(alices->last_text, "room-of-alice") != NULL);
    CHECK(wigwag_known_call(alice, wigwag_text("unheard of"), text_is_empty, &is_empty) == WIGWAG_RESULT_OK && is_empty);
    CHECK(wigwag_known_call(alice, wigwag_text(id.text), text_is_empty, &is_empty) == WIGWAG_RESULT_OK && !is_empty);
    /* Bob answers within his callback, which needs a client that is open. */
    wait_for(bobs, &bobs->rung, 2);
}

/* Beyond the bound a request is refused at once; each of the others gets its reply, at the latest when the client is closed. */
static void too_many_requests(const char *url, const char *token) {
    Notes notes;
    WigwagClient client;
    WigwagOptions options = options_of(url, token, &notes);
    int accepted = 0;
    notes_begin(&notes);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_OK);
    while (wigwag_request(client, wigwag_text("group.list"), wigwag_text(""), on_reply, &notes) == WIGWAG_RESULT_OK) {
        accepted += 1;
    }
    CHECK(strstr(wigwag_last_error(), "1024") != NULL && accepted >= 1024);
    CHECK(wigwag_client_close(client) == WIGWAG_RESULT_OK);
    CHECK(notes.replies == accepted && notes.closed == 1);
    CHECK(wigwag_request(client, wigwag_text("group.list"), wigwag_text(""), on_reply, &notes) == WIGWAG_RESULT_UNKNOWN_CLIENT);
}

static void a_callback_that_closes_its_client(const char *url, const char *token) {
    Notes notes;
    WigwagClient client;
    WigwagOptions options = options_of(url, token, &notes);
    notes_begin(&notes);
    notes.closes_itself = 1;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_OK);
    wait_for(&notes, &notes.closed, 1);
    CHECK(notes.replies == 1 && notes.connected == 1);
    /* on_closed has begun to return; shutdown waits until nobody uses the notes any more. */
    CHECK(wigwag_shutdown() == WIGWAG_RESULT_OK);
}

static void a_token_that_is_refused(const char *url) {
    Notes notes;
    WigwagClient client;
    WigwagState state = WIGWAG_STATE_CONNECTING;
    WigwagOptions options = options_of(url, "no token at all", &notes);
    notes_begin(&notes);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_OK);
    wait_for(&notes, &notes.stopped, 1);
    CHECK(notes.last_code == 70003);
    CHECK(wigwag_client_state(client, &state) == WIGWAG_RESULT_OK && state == WIGWAG_STATE_STOPPED);
    CHECK(wigwag_get(client, wigwag_text("i"), on_reply, &notes) == WIGWAG_RESULT_OK);
    wait_for(&notes, &notes.replies, 1);
    CHECK(notes.last_result == WIGWAG_RESULT_STOPPED && notes.last_code == 70003);
    CHECK(wigwag_client_close(client) == WIGWAG_RESULT_OK);
}

static void nobody_there(void) {
    Notes notes;
    WigwagClient client;
    WigwagOptions options = options_of("ws://127.0.0.1:1", "token", &notes);
    notes_begin(&notes);
    options.connect_timeout_ms = 200;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_OK);
    wait_for(&notes, &notes.stopped, 1);
    CHECK(notes.last_code == 9508);
    CHECK(wigwag_client_close(client) == WIGWAG_RESULT_OK);
}

/* The child has the memory and none of the threads. */
static void a_fork(WigwagClient client) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        int refused = wigwag_client_close(client) == WIGWAG_RESULT_FORKED && wigwag_shutdown() == WIGWAG_RESULT_FORKED;
        _exit(refused ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv) {
    Notes alices, bobs;
    WigwagClient alice, bob;
    WigwagOptions options;
    CHECK(argc == 4 && strcmp(wigwag_last_error(), "") == 0);
    CHECK(strcmp(wigwag_result_name(77), "WIGWAG_RESULT_UNKNOWN") == 0 && wigwag_shutdown() == WIGWAG_RESULT_OK);
    options_that_break_a_rule(argv[1]);
    handles_of_nobody();
    a_token_that_is_refused(argv[1]);
    nobody_there();

    notes_begin(&alices);
    notes_begin(&bobs);
    options = options_of(argv[1], argv[2], &alices);
    CHECK(wigwag_client_open(&options, &alice) == WIGWAG_RESULT_OK);
    requests_that_break_a_rule(alice, &alices);
    options = options_of(argv[1], argv[3], &bobs);
    CHECK(wigwag_client_open(&options, &bob) == WIGWAG_RESULT_OK);
    a_call(alice, &alices, bob, &bobs);
    a_known_call(alice, &alices, &bobs);
    a_fork(alice);
    CHECK(wigwag_client_close(bob) == WIGWAG_RESULT_OK && bobs.closed == 1);
    CHECK(wigwag_client_close(bob) == WIGWAG_RESULT_UNKNOWN_CLIENT);
    /* Closes what is open. */
    CHECK(wigwag_shutdown() == WIGWAG_RESULT_OK && alices.closed == 1);

    too_many_requests(argv[1], argv[2]);
    a_callback_that_closes_its_client(argv[1], argv[3]);
    puts("every fault had its result");
    return 0;
}
