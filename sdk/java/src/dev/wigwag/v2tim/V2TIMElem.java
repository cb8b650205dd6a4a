package dev.wigwag.v2tim;

/** What a message holds. */
public class V2TIMElem {
    V2TIMElem() {}
}
