// The same as latency.c through the V2TIM interface: v2tim_latency URL SDK_APP_ID USER USER_SIG
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <vector>

#include <wigwag/v2tim/V2TIMManager.h>

namespace {

std::promise<void> over;

class Stamps final : public V2TIMSignalingListener {
public:
    void OnReceiveNewInvitation(const V2TIMString &, const V2TIMString &, const V2TIMString &, const V2TIMStringVector &,
                                const V2TIMString &data) override {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        if (data == "end") {
            return over.set_value();
        }
        taken.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - std::atoll(data.CString()));
    }

    std::vector<long long> taken;
};

} // namespace

int main(int argc, char **argv) {
    if (argc != 5) {
        return 2;
    }
    Stamps stamps;
    V2TIMManager *manager = V2TIMManager::GetInstance();
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    manager->GetSignalingManager()->AddSignalingListener(&stamps);
    manager->InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config);
    manager->Login(argv[3], argv[4], nullptr);
    over.get_future().wait();
    manager->UnInitSDK();
    for (const long long taken : stamps.taken) {
        std::cout << "taken: " << taken << '\n';
    }
    std::cout << "done" << std::endl;
    return 0;
}
