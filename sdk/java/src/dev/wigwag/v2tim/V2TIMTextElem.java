package dev.wigwag.v2tim;

/** A text. */
public class V2TIMTextElem extends V2TIMElem {
    private String text;

    V2TIMTextElem(String text) {
        this.text = text;
    }

    public String getText() {
        return text;
    }

    public void setText(String text) {
        this.text = text;
    }
}
