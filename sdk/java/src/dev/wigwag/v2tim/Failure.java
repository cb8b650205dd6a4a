package dev.wigwag.v2tim;

import dev.wigwag.Reply;
import dev.wigwag.Trouble;
import dev.wigwag.WigwagException;

/** Why a call was not carried out, with the numbers of the field. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    private static final int INVALID_PARAMS = -32602;
    private static final int RATE_LIMITED = -32004;

    final int code;

    private Failure(int code, String words) {
        super(words, null, false, false);
        this.code = code;
    }

    static Failure notInitialised() {
        return new Failure(6013, "call initSDK first");
    }

    static Failure notSignedIn() {
        return new Failure(6014, "call login first");
    }

    static Failure signedOut() {
        return new Failure(6014, "signed out before the login was done");
    }

    static Failure invalidParams(String words) {
        return new Failure(6017, words);
    }

    static Failure loginInProgress() {
        return new Failure(7501, "another login is on its way; wait for its result");
    }

    static Failure unknownMessage() {
        return new Failure(20022, "this client has not seen such a message; read it from history first");
    }

    /** What the server said is not of the protocol; the number is the client's own. */
    static Failure unreadable(String words) {
        return new Failure(9508, words);
    }

    static Failure of(Reply reply) {
        return of(reply.trouble());
    }

    /** JSON-RPC's numbers that the field has numbers of its own for become those. */
    static Failure of(Trouble trouble) {
        int code = trouble.code();
        return new Failure(code == INVALID_PARAMS ? 6017 : code == RATE_LIMITED ? 8001 : code, trouble.message());
    }

    /** Why something was not done: the library's word, or what is wrong around it. */
    static Failure of(Throwable thrown) {
        return thrown instanceof WigwagException ? of((WigwagException) thrown) : new Failure(6013, thrown.toString());
    }

    /** Why the library did nothing. */
    static Failure of(WigwagException refused) {
        switch (refused.result()) {
            case WigwagException.UNKNOWN_CLIENT:
                return notSignedIn();
            case WigwagException.BUSY:
                return new Failure(7008, refused.getMessage());
            case WigwagException.NOT_UTF8:
            case WigwagException.INVALID_ARGUMENT:
                return invalidParams(refused.getMessage());
            default:
                return new Failure(6013, refused.getMessage());
        }
    }
}
