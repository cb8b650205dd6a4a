import dev.wigwag.Client;
import dev.wigwag.Event;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What clients of one process cost: Clients URL COUNT TOKEN…
 *
 * <p>Opens so many, of each token in turn, and prints memory and threads before the first and when all are signed in.
 */
public final class Clients {
    private Clients() {}

    /** From the kernel: what is resident, and threads. */
    private static void tell(String when) throws Exception {
        long kb = 0;
        String threads = "";
        for (String line : Files.readAllLines(Paths.get("/proc/self/status"), StandardCharsets.UTF_8)) {
            String[] words = line.split("\\s+");
            if (words[0].equals("VmRSS:")) {
                kb = Long.parseLong(words[1]);
            } else if (words[0].equals("Threads:")) {
                threads = words[1];
            }
        }
        System.out.printf("%s: %.1f MB, %s threads%n", when, kb / 1024.0, threads);
    }

    public static void main(String[] words) throws Exception {
        int count = Integer.parseInt(words[1]);
        CountDownLatch connected = new CountDownLatch(count);
        List<Client> clients = new ArrayList<>();
        Client.version();
        tell("before");
        for (int number = 0; number < count; number++) {
            String token = words[2 + number % (words.length - 2)];
            clients.add(Client.builder(words[0]).token(token).listener((client, event) -> {
                if (event.type() == Event.STOPPED) {
                    System.err.println("Clients: " + event.trouble());
                    System.exit(1);
                }
                if (event.type() == Event.CONNECTED) {
                    connected.countDown();
                }
            }).open());
        }
        connected.await();
        tell("signed in");
        for (Client client : clients) {
            client.close();
        }
    }
}
