/*
 * Answers every invitation: callee URL TOKEN [CURSOR_FILE]
 *
 * Accepts those whose data is not "no", and prints what happens. Ends after one whose data is "bye", or when the session ends for good.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <wigwag.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_over = 0;

static void end(void) {
    pthread_mutex_lock(&lock);
    is_over = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static int says(WigwagText text, const char *word) {
    return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

static void on_answered(void *user, WigwagClient client, const WigwagReply *reply) {
    const int *is_last = user;
    (void)client;
    printf("answered: %s %d %s\n", wigwag_result_name(reply->result), (int)reply->trouble.code, reply->trouble.reason.bytes);
    fflush(stdout);
    if (*is_last) {
        end();
    }
}

static void on_rings(WigwagClient client, const WigwagInvitation *invitation) {
    static int not_last = 0, last = 1;
    int *is_last = says(invitation->data, "bye") ? &last : &not_last;
    WigwagText no_data = wigwag_text("");
    printf("rings: %s from %s: %s\n", invitation->invite_id.bytes, invitation->inviter.bytes, invitation->data.bytes);
    fflush(stdout);
    if (says(invitation->data, "no")) {
        wigwag_reject(client, invitation->invite_id, no_data, on_answered, is_last);
    } else {
        wigwag_accept(client, invitation->invite_id, no_data, on_answered, is_last);
    }
}

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    (void)user;
    switch (event->event_type) {
    case WIGWAG_EVENT_TYPE_CONNECTED:
        printf("connected\n");
        fflush(stdout);
        break;
    case WIGWAG_EVENT_TYPE_STOPPED:
        printf("stopped: %d %s\n", (int)event->trouble->code, event->trouble->reason.bytes);
        end();
        break;
    case WIGWAG_EVENT_TYPE_INVITATION_RECEIVED:
        if (!event->by_self && !event->invitation->told_before && !event->invitation->is_past) {
            on_rings(client, event->invitation);
        }
        break;
    case WIGWAG_EVENT_TYPE_INVITATION_CANCELLED:
        /* Otherwise others were taken back, and it goes on; this program has answered long before. */
        if (!event->invitation->still_open) {
            printf("cancelled: %s\n", event->invitation->invite_id.bytes);
            fflush(stdout);
        }
        break;
    case WIGWAG_EVENT_TYPE_INVITATION_TIMED_OUT:
        if (!event->invitation->told_before) {
            printf("timed out: %s\n", event->invitation->invite_id.bytes);
            fflush(stdout);
        }
        break;
    default:
        break;
    }
}

int main(int argc, char **argv) {
    WigwagOptions options = {0};
    WigwagClient client;
    if (argc < 3) {
        fprintf(stderr, "usage: callee URL TOKEN [CURSOR_FILE]\n");
        return 2;
    }
    options.size = sizeof options;
    options.url = wigwag_text(argv[1]);
    options.token = wigwag_text(argv[2]);
    options.device_id = wigwag_text("callee");
    options.cursor_file = wigwag_text(argc > 3 ? argv[3] : NULL);
    options.on_event = on_event;
    if (wigwag_client_open(&options, &client) != WIGWAG_RESULT_OK) {
        fprintf(stderr, "callee: %s\n", wigwag_last_error());
        return 1;
    }
    pthread_mutex_lock(&lock);
    while (!is_over) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    wigwag_client_close(client);
    wigwag_shutdown();
    return 0;
}
