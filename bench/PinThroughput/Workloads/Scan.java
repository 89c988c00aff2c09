// The count of dotnet/runtime#114846 in Java: started and told what to do by PinThroughput, line by line.
// In: "<thread> <first chunk> <nanoseconds>". Out: "<thread> <chunks> <nanoseconds> <zeros>", counted since the start.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

public final class Scan {
    private final MappedByteBuffer buffer;
    private final int chunkBytes;

    private Scan(MappedByteBuffer buffer, int chunkBytes) {
        this.buffer = buffer;
        this.chunkBytes = chunkBytes;
    }

    public static void main(String[] arguments) throws Exception {
        MappedByteBuffer buffer;
        try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.READ)) {
            buffer = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }
        Scan scan = new Scan(buffer, Integer.parseInt(arguments[1]));
        Map<String, LinkedBlockingQueue<String[]>> threads = new HashMap<>();
        say("ready " + System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] job = line.split(" ");
            threads.computeIfAbsent(job[0], name -> {
                LinkedBlockingQueue<String[]> jobs = new LinkedBlockingQueue<>();
                Thread thread = new Thread(() -> scan.work(jobs));
                thread.setDaemon(true);
                thread.start();
                return jobs;
            }).add(job);
        }
    }

    private void work(LinkedBlockingQueue<String[]> jobs) {
        try {
            while (true) {
                String[] job = jobs.take();
                int chunks = buffer.capacity() / chunkBytes;
                int first = Integer.parseInt(job[1]);
                long duration = Long.parseLong(job[2]);
                long start = System.nanoTime();
                long elapsed;
                long done = 0;
                long zeros = 0;
                do {
                    int from = (int) ((first + done) % chunks) * chunkBytes;
                    zeros += countZeros(from, from + chunkBytes);
                    done++;
                    elapsed = System.nanoTime() - start;
                } while (elapsed < duration);
                say(job[0] + " " + done + " " + elapsed + " " + zeros);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private long countZeros(int from, int to) {
        MappedByteBuffer local = buffer;
        long zeros = 0;
        for (int i = from; i < to; i++) {
            if (local.get(i) == 0) {
                zeros++;
            }
        }
        return zeros;
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
