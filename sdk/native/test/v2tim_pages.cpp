// Lists that have more than one page, against a server that is played by hand: v2tim_pages URL SDK_APP_ID
#include "people.h"

namespace {

V2TIMGroupManager &Groups() { return *Sdk().GetGroupManager(); }

/// The code with which a list ends that has no end.
class Refusal final : public V2TIMValueCallback<V2TIMGroupInfoVector> {
public:
    void OnSuccess(const V2TIMGroupInfoVector &) override { code_.set_value(0); }
    void OnError(int code, const V2TIMString &) override { code_.set_value(code); }
    int Code() { return code_.get_future().get(); }

private:
    std::promise<int> code_;
};

V2TIMGroupMemberInfoResult Members(uint64_t nextSeq) {
    Value<V2TIMGroupMemberInfoResult> page;
    Groups().GetGroupMemberList("g", V2TIM_GROUP_MEMBER_FILTER_ALL, nextSeq, &page);
    return page.Get();
}

/// The number of a page is known for one list alone, and until a thousand newer ones are known.
void TheNumbersOfPages() {
    wigwag::v2tim::detail::Pages pages;
    CHECK(pages.Keep("g", "") == 0);
    const uint64_t first = pages.Keep("g", "bob");
    CHECK(first != 0 && pages.Find("g", first) == "bob" && !pages.Find("h", first) && !pages.Find("g", first + 1));
    for (int count = 0; count < 999; count++) {
        pages.Keep("h", "carol");
    }
    CHECK(pages.Find("g", first) == "bob");
    pages.Keep("h", "carol");
    CHECK(!pages.Find("g", first) && pages.Find("h", first + 1) == "carol");
}

} // namespace

int main(int argc, char **argv) {
    CHECK(argc == 3);
    TheNumbersOfPages();
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    CHECK(Sdk().InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config) && Login("bob", "a token") == 0);

    Value<V2TIMGroupInfoVector> joined;
    Groups().GetJoinedGroupList(&joined);
    const V2TIMGroupInfoVector groups = joined.Get();
    CHECK(groups.Size() == 2 && groups[0].groupID == "first" && groups[1].groupID == "second");

    Refusal refusal;
    Groups().GetJoinedGroupList(&refusal);
    CHECK(refusal.Code() == 9508);

    const V2TIMGroupMemberInfoResult first = Members(0);
    CHECK(first.memberInfoList.Size() == 1 && first.nextSequence != 0);
    const V2TIMGroupMemberInfoResult last = Members(first.nextSequence);
    CHECK(last.memberInfoList[0].userID == "carol" && last.nextSequence == 0);
    Sdk().UnInitSDK();
    std::puts("every page was read");
    return 0;
}
