package dev.wigwag.internal;

import dev.wigwag.WigwagException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/** A JSON value, read by the library. What is not there is null, and null has no fields: a reader need not ask first. Not for apps. */
public final class Json {
    private static final Json NULL = new Json("", "z");

    private final String key;
    /** What it is as a letter, then what it holds: see natives.rs. */
    private final String step;
    private List<Json> items = Collections.emptyList();

    private Json(String key, String step) {
        this.key = key;
        this.step = step;
    }

    /** Null when the text is not JSON. */
    public static Json read(String text) {
        byte[][] steps;
        try {
            steps = Native.json(Texts.bytes(text));
        } catch (WigwagException notJson) {
            return NULL;
        }
        Json root = new Json("", "[");
        Deque<Json> open = new ArrayDeque<>();
        open.push(root);
        for (int place = 0; place + 1 < steps.length; place += 2) {
            Json value = new Json(Texts.text(steps[place]), Texts.text(steps[place + 1]));
            if (value.step.equals("}")) {
                open.pop();
                continue;
            }
            open.peek().add(value);
            if (value.step.equals("{") || value.step.equals("[")) {
                open.push(value);
            }
        }
        return root.items.isEmpty() ? NULL : root.items.get(0);
    }

    /** A field of an object. */
    public Json get(String field) {
        for (Json item : items) {
            if (item.key.equals(field)) {
                return item;
            }
        }
        return NULL;
    }

    /** What it is called in an object. */
    public String key() {
        return key;
    }

    /** Of an array or an object. */
    public List<Json> items() {
        return items;
    }

    /** Each of an array of texts. */
    public List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (Json item : items) {
            texts.add(item.text());
        }
        return texts;
    }

    /** Empty when it is no text. */
    public String text() {
        return step.charAt(0) == 's' ? step.substring(1) : "";
    }

    /** 0 when it is no whole number. */
    public long integer() {
        try {
            return step.charAt(0) == 'n' ? Long.parseLong(step.substring(1)) : 0;
        } catch (NumberFormatException notWhole) {
            return 0;
        }
    }

    /** Whether it is {@code true}. */
    public boolean isTrue() {
        return step.equals("t");
    }

    /** Whether it is null or not there. */
    public boolean isNull() {
        return step.equals("z");
    }

    private void add(Json item) {
        if (items.isEmpty()) {
            items = new ArrayList<>();
        }
        items.add(item);
    }
}
