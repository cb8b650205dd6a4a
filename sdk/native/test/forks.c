/*
 * A fork in the midst of the first wigwag_client_open(), while the library's threads are being started: forks URL
 *
 * pthread_create() is this program's own: before it starts a thread it forks. Every check that fails names its line.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wigwag.h>

#define CHECK(is)                                                                                                       \
    do {                                                                                                                \
        if (!(is)) {                                                                                                    \
            fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #is, wigwag_last_error());              \
            _exit(1);                                                                                                   \
        }                                                                                                               \
    } while (0)

static WigwagOptions options = {0};
static int forks = 0;

static void on_event(void *user, WigwagClient client, const WigwagEvent *event) {
    (void)user, (void)client, (void)event;
}

/* What the parent holds just now will never be given back in the child, so a function that waits for it would wait for ever. */
static void in_the_child(void) {
    WigwagClient client;
    WigwagState state;
    alarm(60);
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_FORKED);
    CHECK(wigwag_client_state((WigwagClient){1}, &state) == WIGWAG_RESULT_FORKED);
    CHECK(wigwag_shutdown() == WIGWAG_RESULT_FORKED);
    _exit(0);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        in_the_child();
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    __atomic_add_fetch(&forks, 1, __ATOMIC_RELAXED);
    *(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
    return next(thread, attributes, start, argument);
}

int main(int argc, char **argv) {
    WigwagClient client;
    CHECK(argc == 2);
    options.size = sizeof options;
    options.url = wigwag_text(argv[1]);
    options.token = wigwag_text("any");
    options.on_event = on_event;
    CHECK(wigwag_client_open(&options, &client) == WIGWAG_RESULT_OK);
    CHECK(wigwag_shutdown() == WIGWAG_RESULT_OK);
    CHECK(__atomic_load_n(&forks, __ATOMIC_RELAXED) > 0);
    puts("every fork was told as one");
    return 0;
}
