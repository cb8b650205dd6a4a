/// JSON as the C library reads it, and a writer. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_JSON_H
#define WIGWAG_V2TIM_DETAIL_JSON_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <wigwag.h>

namespace wigwag::v2tim::detail {

inline WigwagText Given(const std::string &text) { return WigwagText{text.data(), text.size()}; }
inline std::string Taken(WigwagText text) { return text.length == 0 ? std::string() : std::string(text.bytes, text.length); }

/// A JSON value. What is not there is null, and null has no fields: a reader need not ask first.
class Json {
public:
    /// Null when the text is not JSON.
    static Json Read(WigwagText text);

    const Json &operator[](const char *key) const {
        static const Json null;
        for (const Json &item : items_) {
            if (item.key_ == key) {
                return item;
            }
        }
        return null;
    }
    /// Of an array or an object.
    const std::vector<Json> &Items() const { return items_; }
    /// Empty when it is no text.
    const std::string &Text() const { return text_; }
    int64_t Integer() const { return integer_; }
    /// In an object.
    const std::string &Key() const { return key_; }
    bool IsTrue() const { return kind_ == WIGWAG_JSON_KIND_BOOL && integer_ != 0; }
    bool IsNull() const { return kind_ == WIGWAG_JSON_KIND_NULL; }

private:
    struct Builder;

    WigwagJsonKind kind_ = WIGWAG_JSON_KIND_NULL;
    std::string key_;
    std::string text_;
    int64_t integer_ = 0;
    std::vector<Json> items_;
};

struct Json::Builder {
    Json root;
    /// The objects and arrays that are not complete. Only the last one grows, so the others stay where they are.
    std::vector<Json *> open;

    static void Step(void *user, const WigwagJson *step) {
        auto &open = static_cast<Builder *>(user)->open;
        if (step->kind == WIGWAG_JSON_KIND_END) {
            open.pop_back();
            return;
        }
        Json value;
        value.kind_ = step->kind;
        value.key_ = Taken(step->key);
        value.text_ = Taken(step->text);
        value.integer_ = step->kind == WIGWAG_JSON_KIND_BOOL ? static_cast<int64_t>(step->number) : step->integer;
        auto &items = open.back()->items_;
        items.push_back(std::move(value));
        if (step->kind == WIGWAG_JSON_KIND_OBJECT || step->kind == WIGWAG_JSON_KIND_ARRAY) {
            open.push_back(&items.back());
        }
    }
};

inline Json Json::Read(WigwagText text) {
    Builder builder;
    builder.open.push_back(&builder.root);
    wigwag_json_walk(text, &Builder::Step, &builder);
    return builder.root.items_.empty() ? Json() : std::move(builder.root.items_.front());
}

inline std::string Quoted(const std::string &text) {
    std::string quoted = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte == '"' || byte == '\\') {
            quoted += '\\';
            quoted += character;
        } else if (byte < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            quoted += escaped;
        } else {
            quoted += character;
        }
    }
    return quoted += '"';
}

/// Writes an object field by field.
class JsonObject {
public:
    JsonObject &Raw(const char *key, const std::string &json) {
        text_ += text_.size() > 1 ? "," : "";
        text_ += Quoted(key) + ":" + json;
        return *this;
    }
    JsonObject &Text(const char *key, const std::string &text) { return Raw(key, Quoted(text)); }
    /// Nothing when the text is empty.
    JsonObject &TextIfAny(const char *key, const std::string &text) { return text.empty() ? *this : Text(key, text); }
    JsonObject &Number(const char *key, uint64_t number) { return Raw(key, std::to_string(number)); }
    /// Nothing when it is off.
    JsonObject &Switch(const char *key, bool on) { return on ? Raw(key, "true") : *this; }
    template <class Texts> JsonObject &List(const char *key, const Texts &texts) {
        std::string list;
        for (const auto &text : texts) {
            list += (list.empty() ? "" : ",") + Quoted(text.Text());
        }
        return Raw(key, "[" + list + "]");
    }
    /// Signed numbers by key.
    template <class Map> JsonObject &Integers(const char *key, const Map &map) {
        std::string fields;
        for (const auto &item : map) {
            fields += (fields.empty() ? "" : ",") + Quoted(item.first.Text()) + ":" + std::to_string(item.second);
        }
        return Raw(key, "{" + fields + "}");
    }
    bool Empty() const { return text_.size() == 1; }
    std::string Done() const { return text_ + "}"; }

private:
    std::string text_ = "{";
};

} // namespace wigwag::v2tim::detail

#endif
