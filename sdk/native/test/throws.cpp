// A callback of the C library that is left by an exception ends the process, with words: throws URL
#include <cstdio>
#include <future>

#include <wigwag.h>

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    WigwagOptions options{};
    options.size = sizeof options;
    options.url = wigwag_text(argv[1]);
    options.token = wigwag_text("any");
    options.on_event = [](void *, WigwagClient, const WigwagEvent *) { throw 7; };
    WigwagClient client{};
    wigwag_client_open(&options, &client);
    std::puts("opened");
    std::fflush(stdout);
    // It ends before.
    std::promise<void>().get_future().wait();
    return 0;
}
