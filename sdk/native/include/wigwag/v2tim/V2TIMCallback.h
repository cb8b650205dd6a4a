/// What becomes of a call.
#ifndef WIGWAG_V2TIM_CALLBACK_H
#define WIGWAG_V2TIM_CALLBACK_H

#include <cstdint>

#include "V2TIMString.h"

/// Told once what became of a call that asks for nothing. It must live until then, and may delete itself in the call. What is wrong before
/// anything is sent is told before the call returns, on the same thread; everything else comes from a thread of the library's.
class V2TIMCallback {
public:
    virtual ~V2TIMCallback() = default;
    virtual void OnSuccess() = 0;
    virtual void OnError(int error_code, const V2TIMString &error_message) = 0;
};

/// The same for a call that asks for something.
template <class T> class V2TIMValueCallback {
public:
    virtual ~V2TIMValueCallback() = default;
    virtual void OnSuccess(const T &value) = 0;
    virtual void OnError(int error_code, const V2TIMString &error_message) = 0;
};

class V2TIMMessage;

/// The same for a message that is sent.
class V2TIMSendCallback : public V2TIMValueCallback<V2TIMMessage> {
public:
    /// Texts and custom messages have no progress: it is not called.
    virtual void OnProgress(uint32_t progress) { (void)progress; }
};

#endif
