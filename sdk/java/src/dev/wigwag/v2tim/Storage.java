package dev.wigwag.v2tim;

import dev.wigwag.internal.Texts;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** What a device keeps in the app's folder: its deviceID, and how far each user's events were read. The files are those of the C++ headers. */
final class Storage {
    private Storage() {}

    static String newID() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** The deviceID in a folder, which is made when it is missing. Without a folder, or where it cannot be written, the device is a new one. */
    static String deviceIn(String folder) {
        if (folder.isEmpty()) {
            return "";
        }
        Path place = new File(folder, "wigwag-device").toPath();
        try {
            if (Files.exists(place)) {
                String known = new String(Files.readAllBytes(place), StandardCharsets.UTF_8).trim();
                if (!known.isEmpty()) {
                    return known;
                }
            }
            Files.createDirectories(place.getParent());
            String made = newID();
            Files.write(place, (made + "\n").getBytes(StandardCharsets.UTF_8));
            return made;
        } catch (IOException cannotBeKept) {
            return newID();
        }
    }

    /** A userID may have characters that a file's name may not. */
    static String cursorIn(String folder, String userID) {
        if (folder.isEmpty()) {
            return "";
        }
        StringBuilder name = new StringBuilder("wigwag-cursor-");
        for (byte one : Texts.bytes(userID)) {
            boolean plain = one >= '0' && one <= '9' || one >= 'a' && one <= 'z' || one >= 'A' && one <= 'Z';
            name.append(plain ? String.valueOf((char) one) : String.format("_%02x", one & 0xff));
        }
        return new File(folder, name.toString()).getPath();
    }
}
