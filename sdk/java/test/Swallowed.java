import dev.wigwag.Client;
import dev.wigwag.Event;

/** A check that fails in a callback, to see that it ends the run: Swallowed URL TOKEN */
final class Swallowed {
    private Swallowed() {}

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            Checks.Answer answer = new Checks.Answer();
            Client.builder(words[0]).token(words[1]).listener((client, event) -> {
                Checks.same(event.type(), Event.CONNECTING);
                Checks.same(event.type(), Event.CONNECTED);
            }).open().request("user.get", "{\"userIDs\": [\"alice\"]}", answer);
            answer.isOk();
            System.out.println("nobody has seen it");
        });
    }
}
