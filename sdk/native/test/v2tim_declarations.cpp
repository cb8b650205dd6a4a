// That the interface is the one that Tencent's documentation declares: every method of V2TIMSignalingManager, by its name, its result and the
// order of its parameters. It compiles, or it does not; run, it says so.
#include <cstdio>
#include <type_traits>

#include <wigwag/v2tim/V2TIMSignalingManager.h>

using Manager = V2TIMSignalingManager;
using Text = const V2TIMString &;

static_assert(std::is_abstract_v<Manager> && std::has_virtual_destructor_v<Manager>);
static_assert(std::is_same_v<decltype(&Manager::AddSignalingListener), void (Manager::*)(V2TIMSignalingListener *)>);
static_assert(std::is_same_v<decltype(&Manager::RemoveSignalingListener), void (Manager::*)(V2TIMSignalingListener *)>);
static_assert(std::is_same_v<decltype(&Manager::InviteInGroup),
                             V2TIMString (Manager::*)(Text, const V2TIMStringVector &, Text, bool, int, V2TIMCallback *)>);
static_assert(std::is_same_v<decltype(&Manager::Cancel), void (Manager::*)(Text, Text, V2TIMCallback *)>);
static_assert(std::is_same_v<decltype(&Manager::Accept), void (Manager::*)(Text, Text, V2TIMCallback *)>);
static_assert(std::is_same_v<decltype(&Manager::Reject), void (Manager::*)(Text, Text, V2TIMCallback *)>);
static_assert(std::is_same_v<decltype(&Manager::GetSignalingInfo), V2TIMSignalingInfo (Manager::*)(const V2TIMMessage &)>);
static_assert(std::is_same_v<decltype(&Manager::AddInvitedSignaling), void (Manager::*)(const V2TIMSignalingInfo &, V2TIMCallback *)>);
static_assert(std::is_same_v<decltype(&Manager::ModifyInvitation), void (Manager::*)(Text, Text, V2TIMCallback *)>);

// Both forms of `onlineUserOnly`.
using OldInvite = V2TIMString (Manager::*)(Text, Text, Text, const V2TIMOfflinePushInfo &, int, V2TIMCallback *);
using NewInvite = V2TIMString (Manager::*)(Text, Text, bool, const V2TIMOfflinePushInfo &, int, V2TIMCallback *);
[[maybe_unused]] constexpr OldInvite OLD = &Manager::Invite;
[[maybe_unused]] constexpr NewInvite NEW = &Manager::Invite;

static_assert(SignalingActionType_Invite == 1 && SignalingActionType_Cancel_Invite == 2 && SignalingActionType_Accept_Invite == 3);
static_assert(SignalingActionType_Reject_Invite == 4 && SignalingActionType_Invite_Timeout == 5);

int main() {
    std::puts("every method is declared");
    return 0;
}
