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
    // Not before the line below is printed.
    static std::promise<void> said;
    options.on_event = [](void *, WigwagClient, const WigwagEvent *) {
        said.get_future().wait();
        throw 7;
    };
    WigwagClient client{};
    wigwag_client_open(&options, &client);
    std::puts("opened");
    std::fflush(stdout);
    said.set_value();
    // It ends before.
    std::promise<void>().get_future().wait();
    return 0;
}
