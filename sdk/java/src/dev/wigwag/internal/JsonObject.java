package dev.wigwag.internal;

import java.util.Collection;

/** Writes a JSON object field by field. Not for apps. */
public final class JsonObject {
    private final StringBuilder text = new StringBuilder("{");

    /** JSON as it is. */
    public JsonObject raw(String key, String json) {
        if (text.length() > 1) {
            text.append(',');
        }
        quote(key);
        text.append(':').append(json);
        return this;
    }

    /** JSON as it is; nothing when it is empty. */
    public JsonObject rawIfAny(String key, String json) {
        return json.isEmpty() ? this : raw(key, json);
    }

    /** A text; null is an empty one. */
    public JsonObject text(String key, String value) {
        raw(key, "");
        quote(value == null ? "" : value);
        return this;
    }

    /** Nothing when the text is null or empty. */
    public JsonObject textIfAny(String key, String value) {
        return value == null || value.isEmpty() ? this : text(key, value);
    }

    /** A whole number. */
    public JsonObject number(String key, long number) {
        return raw(key, Long.toString(number));
    }

    /** Nothing when it is off. */
    public JsonObject flag(String key, boolean on) {
        return on ? raw(key, "true") : this;
    }

    /** A list of texts. */
    public JsonObject list(String key, Collection<String> values) {
        raw(key, "[");
        String between = "";
        for (String value : values) {
            text.append(between);
            quote(value == null ? "" : value);
            between = ",";
        }
        text.append(']');
        return this;
    }

    public boolean isEmpty() {
        return text.length() == 1;
    }

    /** The object. */
    public String done() {
        return text + "}";
    }

    private void quote(String value) {
        text.append('"');
        for (int place = 0; place < value.length(); place++) {
            char character = value.charAt(place);
            if (character == '"' || character == '\\') {
                text.append('\\').append(character);
            } else if (character < 0x20) {
                text.append(String.format("\\u%04x", (int) character));
            } else {
                text.append(character);
            }
        }
        text.append('"');
    }
}
