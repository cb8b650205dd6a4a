package dev.wigwag.internal;

import dev.wigwag.WigwagException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** Texts between Java and the library. Not for apps. */
public final class Texts {
    private Texts() {}

    /** UTF-8; null is an empty text. Half of a surrogate pair is refused like bytes that are not UTF-8: nothing is replaced. */
    public static byte[] bytes(String text) {
        if (text == null || text.isEmpty()) {
            return new byte[0];
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException half) {
            throw new WigwagException(WigwagException.NOT_UTF8, "a text has half of a surrogate pair");
        }
    }

    /** UTF-8 of each. */
    public static byte[][] bytes(String... texts) {
        byte[][] all = new byte[texts.length][];
        for (int place = 0; place < texts.length; place++) {
            all[place] = bytes(texts[place]);
        }
        return all;
    }

    /** UTF-8 of each. */
    public static byte[][] bytes(Collection<String> texts) {
        return bytes(texts.toArray(new String[0]));
    }

    /** The text of bytes of the app's; null is an empty one. What is not UTF-8 is refused: nothing is replaced. */
    public static String strictly(String name, byte[] bytes) {
        try {
            return bytes == null ? "" : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException other) {
            throw new WigwagException(WigwagException.NOT_UTF8, name + " is not UTF-8");
        }
    }

    /** The text of UTF-8. */
    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
