/*
 * Invites one user and waits for the answer: caller URL TOKEN USER DATA [TIMEOUT]
 *
 * Ends with 0 when the user accepts, 3 when they reject, 4 when the time is over, 1 when the invitation is refused.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wigwag.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int outcome = -1;

static void end(int code) {
    pthread_mutex_lock(&lock);
    if (outcome < 0) {
        outcome = code;
    }
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_invited(void *user, WigwagClient client, const WigwagReply *reply) {
    (void)user;
    (void)client;
    if (reply->result == WIGWAG_RESULT_OK) {
        printf("invited\n");
        fflush(stdout);
    } else {
        printf("refused: %d %s\n", (int)reply->trouble.code, reply->trouble.reason.bytes);
        end(1);
    }
}

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    (void)user;
    (void)client;
    switch (event->event_type) {
    case WIGWAG_EVENT_TYPE_INVITATION_ACCEPTED:
        printf("accepted by %s\n", event->invitation->invitees[0].bytes);
        end(0);
        break;
    case WIGWAG_EVENT_TYPE_INVITATION_REJECTED:
        printf("rejected by %s\n", event->invitation->invitees[0].bytes);
        end(3);
        break;
    case WIGWAG_EVENT_TYPE_INVITATION_TIMED_OUT:
        printf("timed out\n");
        end(4);
        break;
    case WIGWAG_EVENT_TYPE_STOPPED:
        printf("stopped: %d %s\n", (int)event->trouble->code, event->trouble->reason.bytes);
        end(1);
        break;
    default:
        break;
    }
}

int main(int argc, char **argv) {
    WigwagOptions options = {0};
    WigwagInvite invite = {0};
    WigwagInviteID invite_id;
    WigwagClient client;
    if (argc < 5) {
        fprintf(stderr, "usage: caller URL TOKEN USER DATA [TIMEOUT]\n");
        return 2;
    }
    options.size = sizeof options;
    options.url = wigwag_text(argv[1]);
    options.token = wigwag_text(argv[2]);
    options.on_event = on_event;
    invite.size = sizeof invite;
    invite.invitee = wigwag_text(argv[3]);
    invite.data = wigwag_text(argv[4]);
    invite.timeout = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 30;
    /* Its name is printed before anything that comes of it: callbacks wait until the lock is given back. */
    flockfile(stdout);
    if (wigwag_client_open(&options, &client) != WIGWAG_RESULT_OK ||
        wigwag_invite(client, &invite, &invite_id, on_invited, NULL) != WIGWAG_RESULT_OK) {
        fprintf(stderr, "caller: %s\n", wigwag_last_error());
        return 1;
    }
    printf("inviting: %s\n", invite_id.text);
    fflush(stdout);
    funlockfile(stdout);
    pthread_mutex_lock(&lock);
    while (outcome < 0) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    wigwag_client_close(client);
    wigwag_shutdown();
    return outcome;
}
