/*
 * Makes known what rings, which is known already: known URL TOKEN
 *
 * Prints the code and the reason that it is refused with; then reads the invitation "last", so that a server which is played by hand sees
 * that nothing was asked in between.
 */
#include <pthread.h>
#include <stdio.h>

#include <wigwag.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_over = 0;

static void on_read(void *user, WigwagClient client, const WigwagReply *reply) {
    (void)user, (void)client, (void)reply;
    pthread_mutex_lock(&lock);
    is_over = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_added(void *user, WigwagClient client, const WigwagReply *reply) {
    printf("added: %d %s\n", (int)reply->trouble.code, reply->trouble.reason.bytes);
    fflush(stdout);
    wigwag_get(client, wigwag_text("last"), on_read, user);
}

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    if (event->event_type == WIGWAG_EVENT_TYPE_INVITATION_RECEIVED) {
        wigwag_add_invited(client, event->invitation->invite_id, on_added, user);
    }
}

int main(int argc, char **argv) {
    WigwagOptions options = {0};
    WigwagClient client;
    if (argc != 3) {
        return 2;
    }
    options.size = sizeof options;
    options.url = wigwag_text(argv[1]);
    options.token = wigwag_text(argv[2]);
    options.on_event = on_event;
    if (wigwag_client_open(&options, &client) != WIGWAG_RESULT_OK) {
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
