/// Texts, lists and maps of the V2TIM interface.
#ifndef WIGWAG_V2TIM_STRING_H
#define WIGWAG_V2TIM_STRING_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// A text, UTF-8. It may contain NULs.
class V2TIMString {
public:
    V2TIMString() = default;
    /// NULL is an empty text.
    V2TIMString(const char *text) : text_(text == nullptr ? "" : text) {}
    /// `size` bytes. NULL is an empty text.
    V2TIMString(const char *text, size_t size) : text_(text == nullptr ? "" : text, text == nullptr ? 0 : size) {}
    V2TIMString(std::string text) : text_(std::move(text)) {}

    bool Empty() const { return text_.empty(); }
    /// Ends with a NUL; valid until the text changes.
    const char *CString() const { return text_.c_str(); }
    size_t Size() const { return text_.size(); }
    size_t Length() const { return text_.size(); }
    const std::string &Text() const { return text_; }

    V2TIMString &operator+=(const V2TIMString &other) {
        text_ += other.text_;
        return *this;
    }
    friend V2TIMString operator+(V2TIMString one, const V2TIMString &other) { return one += other; }
    friend bool operator==(const V2TIMString &one, const V2TIMString &other) { return one.text_ == other.text_; }
    friend bool operator!=(const V2TIMString &one, const V2TIMString &other) { return one.text_ != other.text_; }
    friend bool operator<(const V2TIMString &one, const V2TIMString &other) { return one.text_ < other.text_; }

private:
    std::string text_;
};

/// Bytes of the app's own.
class V2TIMBuffer {
public:
    V2TIMBuffer() = default;
    V2TIMBuffer(const char *text) : bytes_(text == nullptr ? "" : text) {}
    V2TIMBuffer(const uint8_t *data, size_t size)
        : bytes_(data == nullptr ? "" : reinterpret_cast<const char *>(data), data == nullptr ? 0 : size) {}

    const uint8_t *Data() const { return reinterpret_cast<const uint8_t *>(bytes_.data()); }
    size_t Size() const { return bytes_.size(); }
    bool Empty() const { return bytes_.empty(); }
    const std::string &Text() const { return bytes_; }

private:
    std::string bytes_;
};

/// A list.
template <class T> class V2TIMVector {
public:
    V2TIMVector() = default;
    V2TIMVector(std::initializer_list<T> items) : items_(items) {}

    size_t Size() const { return items_.size(); }
    bool Empty() const { return items_.empty(); }
    void PushBack(const T &item) { items_.push_back(item); }
    void PopBack() {
        if (!items_.empty()) {
            items_.pop_back();
        }
    }
    void Clear() { items_.clear(); }
    /// Nothing happens beyond the end.
    void Erase(size_t index) {
        if (index < items_.size()) {
            items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(index));
        }
    }
    T &operator[](size_t index) { return items_[index]; }
    const T &operator[](size_t index) const { return items_[index]; }

    typename std::vector<T>::iterator begin() { return items_.begin(); }
    typename std::vector<T>::iterator end() { return items_.end(); }
    typename std::vector<T>::const_iterator begin() const { return items_.begin(); }
    typename std::vector<T>::const_iterator end() const { return items_.end(); }

private:
    std::vector<T> items_;
};

using V2TIMStringVector = V2TIMVector<V2TIMString>;

/// Values by key, each key once.
template <class K, class V> class V2TIMMap {
public:
    V2TIMMap() = default;
    V2TIMMap(std::initializer_list<std::pair<const K, V>> items) : items_(items) {}

    size_t Size() const { return items_.size(); }
    /// Replaces what was under the key.
    void Insert(const K &key, const V &value) { items_[key] = value; }
    void Erase(const K &key) { items_.erase(key); }
    size_t Count(const K &key) const { return items_.count(key); }
    /// A value that was not there is made.
    V &operator[](const K &key) { return items_[key]; }
    /// A value that is not there is the default.
    V Get(const K &key) const {
        const auto found = items_.find(key);
        return found == items_.end() ? V() : found->second;
    }
    V2TIMVector<K> AllKeys() const {
        V2TIMVector<K> keys;
        for (const auto &item : items_) {
            keys.PushBack(item.first);
        }
        return keys;
    }

    typename std::map<K, V>::const_iterator begin() const { return items_.begin(); }
    typename std::map<K, V>::const_iterator end() const { return items_.end(); }

private:
    std::map<K, V> items_;
};

using V2TIMStringToInt64Map = V2TIMMap<V2TIMString, int64_t>;

#endif
