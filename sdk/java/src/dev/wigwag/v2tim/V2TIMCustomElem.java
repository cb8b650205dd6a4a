package dev.wigwag.v2tim;

/** Something of the app's own. */
public class V2TIMCustomElem extends V2TIMElem {
    private byte[] data;
    private String description;
    private byte[] extension;

    V2TIMCustomElem(byte[] data, String description, byte[] extension) {
        this.data = data;
        this.description = description;
        this.extension = extension;
    }

    public byte[] getData() {
        return data;
    }

    /** The app's own; UTF-8, because the server keeps texts. */
    public void setData(byte[] data) {
        this.data = data;
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String description) {
        this.description = description;
    }

    public byte[] getExtension() {
        return extension;
    }

    /** UTF-8 as well. */
    public void setExtension(byte[] extension) {
        this.extension = extension;
    }
}
