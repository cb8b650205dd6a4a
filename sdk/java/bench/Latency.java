import dev.wigwag.Client;
import dev.wigwag.Event;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/**
 * How long events take from their arrival to user code: Latency URL TOKEN
 *
 * <p>The data of each invitation is when it was sent, ns since 1970 on the same machine's clock. Prints a line for each when one comes whose data is
 * "end". {@code make native-figures} runs it.
 */
public final class Latency {
    private static final int MOST = 100_000;

    private static final long[] TAKEN = new long[MOST];
    private static final CountDownLatch OVER = new CountDownLatch(1);
    private static int count;

    private Latency() {}

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private static void hear(Event event) {
        long now = now();
        if (event.type() != Event.INVITATION_RECEIVED) {
            return;
        }
        if (event.invitation().data().equals("end")) {
            OVER.countDown();
        } else if (count < MOST) {
            TAKEN[count] = now - Long.parseLong(event.invitation().data());
            count += 1;
        }
    }

    public static void main(String[] words) throws Exception {
        Client client = Client.builder(words[0]).token(words[1]).listener((from, event) -> hear(event)).open();
        OVER.await();
        client.close();
        for (int place = 0; place < count; place++) {
            System.out.println("taken: " + TAKEN[place]);
        }
        System.out.println("done");
    }
}
