package dev.wigwag.v2tim;

import java.util.LinkedHashMap;
import java.util.Map;

/** What is kept by a name. The oldest go first; what is put again keeps its place. */
final class Newest<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;

    private final int most;

    Newest(int most) {
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
