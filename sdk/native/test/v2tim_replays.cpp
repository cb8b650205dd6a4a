// Says what is told of calls, against a server that is played by hand: v2tim_replays URL SDK_APP_ID FOLDER
#include <chrono>
#include <thread>

#include "people.h"

namespace {

class Says final : public wigwag::CallListener {
    void OnRing(const wigwag::CallRing &ring) override { Say("rings", ring.inviteID); }
    void OnRingEnded(const V2TIMString &inviteID, const V2TIMString &, wigwag::RingEnd) override { Say("ring ended", inviteID); }
    void OnMissedCallsSeen(uint64_t upTo) override { Say("seen", V2TIMString(std::to_string(upTo))); }

    static void Say(const char *what, const V2TIMString &of) {
        std::printf("%s: %s\n", what, of.CString());
        std::fflush(stdout);
    }
};

} // namespace

int main(int argc, char **argv) {
    CHECK(argc == 4);
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    config.initPath = argv[3];
    CHECK(Sdk().InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config));
    Says says;
    Sdk().GetCalls()->AddListener(&says);
    CHECK(Login("bob", "a token") == 0);
    // Until it is killed.
    std::this_thread::sleep_for(std::chrono::hours(1));
    return 0;
}
