/*
 * What clients of one process cost: clients URL COUNT TOKEN…
 *
 * Opens so many, of each token in turn, and prints memory and threads before the first and when all are signed in.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wigwag.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long connected = 0;

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    (void)user, (void)client;
    if (event->event_type == WIGWAG_EVENT_TYPE_STOPPED) {
        fprintf(stderr, "clients: %s\n", event->trouble->message.bytes);
        exit(1);
    }
    if (event->event_type == WIGWAG_EVENT_TYPE_CONNECTED) {
        pthread_mutex_lock(&lock);
        connected += 1;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
}

/* From the kernel: kB that are resident, and threads. */
static void tell(const char *when) {
    char line[256];
    long kb = 0, threads = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        sscanf(line, "VmRSS: %ld", &kb);
        sscanf(line, "Threads: %ld", &threads);
    }
    if (status != NULL) {
        fclose(status);
    }
    printf("%s: %.1f MB, %ld threads\n", when, (double)kb / 1024, threads);
    fflush(stdout);
}

int main(int argc, char **argv) {
    WigwagOptions options = {0};
    WigwagClient client;
    long count = argc > 3 ? atol(argv[2]) : 0;
    if (count < 1) {
        return 2;
    }
    options.size = sizeof options;
    options.url = wigwag_text(argv[1]);
    options.on_event = on_event;
    tell("before");
    for (long index = 0; index < count; index++) {
        options.token = wigwag_text(argv[3 + index % (argc - 3)]);
        if (wigwag_client_open(&options, &client) != WIGWAG_RESULT_OK) {
            fprintf(stderr, "clients: %s\n", wigwag_last_error());
            return 1;
        }
    }
    pthread_mutex_lock(&lock);
    while (connected < count) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    tell("signed in");
    wigwag_shutdown();
    return 0;
}
