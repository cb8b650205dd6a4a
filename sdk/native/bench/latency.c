/*
 * How long events take from their arrival to user code: latency URL TOKEN
 *
 * The data of each invitation is when it was sent, ns since 1970 on the same machine's clock. Prints a line for each when one comes whose data
 * is "end". `scripts/native.sh figures` runs it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wigwag.h>

enum { MOST = 100000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_over = 0;
static long long taken[MOST];
static size_t count = 0;

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    struct timespec now;
    (void)user, (void)client;
    clock_gettime(CLOCK_REALTIME, &now);
    if (event->event_type != WIGWAG_EVENT_TYPE_INVITATION_RECEIVED) {
        return;
    }
    if (strcmp(event->invitation->data.bytes, "end") != 0) {
        if (count < MOST) {
            taken[count++] = now.tv_sec * 1000000000LL + now.tv_nsec - atoll(event->invitation->data.bytes);
        }
        return;
    }
    pthread_mutex_lock(&lock);
    is_over = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
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
    for (size_t index = 0; index < count; index++) {
        printf("taken: %lld\n", taken[index]);
    }
    puts("done");
    return 0;
}
