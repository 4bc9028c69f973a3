import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The API beside etcd, with values of the same size: acknowledged durable writes, get of one, list
 * of many; and how late our watchers hear of a change. Ours is asked over its Unix socket in
 * HTTP/1.1 and JSON, etcd over loopback TLS in gRPC; both by this one program, in turn. What is
 * compared is therefore a whole API server (admission, managed fields, optimistic concurrency) with
 * a bare key-value store.
 *
 * <p>Arguments: our socket, etcd's client URL, seconds of each measurement, objects in the list,
 * watchers, pids of both servers; or {@code soak}, our socket, the controller's pid, minutes,
 * watchers.
 */
static final int VALUE_BYTES = 500;

static final int ROUNDS = 3;
static final int CHANGES = 200;
static final Duration BETWEEN_CHANGES = Duration.ofMillis(20);

void main(String[] args) throws Exception {
  if (args[0].equals("soak")) {
    soak(new Ours(Path.of(args[1])), args[2], Integer.parseInt(args[3]), Integer.parseInt(args[4]));
    return;
  }
  if (args[0].equals("watch")) {
    int watchers = Integer.parseInt(args[3]);
    for (int round = 0; round < ROUNDS; round++) {
      for (int objects : List.of(1, watchers)) {
        System.out.println(
            objects + ": " + watched(new Ours(Path.of(args[1])), watchers, objects, args[2]));
      }
    }
    return;
  }
  Path socket = Path.of(args[0]);
  URI etcd = URI.create(args[1]);
  Duration time = Duration.ofSeconds(Long.parseLong(args[2]));
  int objects = Integer.parseInt(args[3]);
  int watchers = Integer.parseInt(args[4]);
  Ours ours = new Ours(socket);
  List<Server> servers = List.of(ours, new Etcd(etcd));
  for (Server server : servers) {
    writes(server, 16, time.multipliedBy(2)); // code is compiled
  }
  System.out.printf("%-44s %14s %14s %8s%n", "", "ours", "etcd", "ratio");
  List<Target> targets = new ArrayList<>();
  for (int i = 0; i < CLIENTS.length; i++) {
    int clients = CLIENTS[i];
    List<Double> rates = each(servers, s -> writes(s, clients, time));
    row("writes/s, " + clients + " clients", "%.0f", rates);
    targets.add(Target.atLeast("writes, etcd's, " + clients, rates.get(0), rates.get(1)));
    targets.add(
        Target.atLeast(
            "writes, 3 x the API server's, " + clients, rates.get(0), 3 * API_SERVER_WRITES[i]));
  }
  List<Double> gets = each(servers, s -> gets(s, time));
  row("get of one, p50 in ms", "%.3f", gets);
  targets.add(
      Target.atLeast("gets/s, 5 x the API server's", 1e3 / gets.get(0), 5 * API_SERVER_GETS));
  for (Server server : servers) {
    fill(server, objects);
  }
  List<Double> lists = each(servers, s -> lists(s, objects));
  row("list of " + objects + ", p50 in ms", "%.1f", lists);
  targets.add(
      Target.atLeast(
          "lists/s, 5 x the API server's",
          1e3 / lists.get(0) * objects / API_SERVER_LISTED,
          5 * API_SERVER_LISTS));
  for (int[] who : new int[][] {{1, 1}, {watchers, watchers}, {watchers, 1}}) {
    Watched seen = watched(ours, who[0], who[1], args[5]);
    String name = "watch, " + who[0] + " watchers of " + who[1] + ", ";
    spread(name + "delivery", seen.delivered());
    spread(name + "write", seen.written());
    spread(name + "both", seen.heard());
    System.out.printf("%-44s %14.1f%n", name + "CPU of an event in us", seen.cpu());
    System.out.printf("%-44s %14.0f%n", name + "resident memory in MB", seen.resident());
    if (who[0] > 1) {
      targets.add(
          Target.atMost(
              "ms of delivery, p99, " + who[0] + " watchers of " + who[1],
              seen.delivered().p99(),
              5));
      targets.add(Target.atMost("MB with " + who[0] + " watchers", seen.resident(), 200));
    }
  }
  row("resident memory at the end in MB", "%.0f", List.of(resident(args[5]), resident(args[6])));
  targets.forEach(System.out::println);
}

static final int[] CLIENTS = {1, 16, 128};

// Kubernetes' API server 1.36 with etcd 3.5 on a machine like the development one, over loopback
// TLS with objects of 500 bytes: a second, with as many clients; lists are of 13,376 objects.
static final double[] API_SERVER_WRITES = {251, 588, 804};
static final double API_SERVER_GETS = 1423;
static final double API_SERVER_LISTS = 7.1;
static final double API_SERVER_LISTED = 13376;

record Target(String name, double found, String bound, boolean met) {
  static Target atLeast(String name, double found, double bound) {
    return new Target(name, found, "at least %.0f".formatted(bound), found >= bound);
  }

  static Target atMost(String name, double found, double bound) {
    return new Target(name, found, "at most %.0f".formatted(bound), found <= bound);
  }

  @Override
  public String toString() {
    return "target %-6s %-48s %10.1f, %s".formatted(met ? "met" : "MISSED", name, found, bound);
  }
}

static void row(String name, String format, List<Double> values) {
  System.out.printf(
      "%-44s %14s %14s %8.2f%n",
      name,
      format.formatted(values.get(0)),
      format.formatted(values.get(1)),
      values.get(0) / values.get(1));
}

interface Measurement {
  double of(Server server) throws Exception;
}

/** The median of several rounds, in turn, so that noise meets both alike. */
static List<Double> each(List<Server> servers, Measurement measurement) throws Exception {
  List<List<Double>> all = List.of(new ArrayList<>(), new ArrayList<>());
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < servers.size(); i++) {
      all.get(i).add(measurement.of(servers.get(i)));
    }
  }
  return all.stream().map(l -> l.stream().sorted().toList().get(ROUNDS / 2)).toList();
}

// --- what is measured

static double writes(Server server, int clients, Duration time) throws Exception {
  AtomicLong done = new AtomicLong();
  long[] window = new long[2];
  List<Thread> threads = new ArrayList<>();
  AtomicBoolean counting = new AtomicBoolean(), stop = new AtomicBoolean();
  ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
  for (int c = 0; c < clients; c++) {
    int client = c;
    threads.add(
        Thread.startVirtualThread(
            () -> {
              try (Client connection = server.connect()) {
                for (long i = 0; !stop.get(); i++) {
                  connection.put("w" + client, Long.toString(i));
                  if (counting.get()) {
                    done.incrementAndGet();
                  }
                }
              } catch (Exception e) {
                failures.add(e);
              }
            }));
  }
  Thread.sleep(time.dividedBy(4)); // connections are opened
  counting.set(true);
  window[0] = System.nanoTime();
  Thread.sleep(time);
  long count = done.get();
  window[1] = System.nanoTime();
  stop.set(true);
  for (Thread thread : threads) {
    thread.join();
  }
  if (!failures.isEmpty()) {
    throw failures.peek();
  }
  return count * 1e9 / (window[1] - window[0]);
}

static double gets(Server server, Duration time) throws Exception {
  try (Client client = server.connect()) {
    client.put("one", "0");
    return median(time, () -> client.get("one"));
  }
}

static void fill(Server server, int objects) throws Exception {
  AtomicLong next = new AtomicLong();
  try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int c = 0; c < 64; c++) {
      tasks.add(
          () -> {
            try (Client client = server.connect()) {
              for (long i = next.getAndIncrement(); i < objects; i = next.getAndIncrement()) {
                client.put("l" + i, "0");
              }
            }
            return null;
          });
    }
    for (var future : pool.invokeAll(tasks)) {
      future.get();
    }
  }
}

static double lists(Server server, int objects) throws Exception {
  try (Client client = server.connect()) {
    client.list();
    return median(
        Duration.ofSeconds(5),
        () -> {
          long bytes = client.list();
          if (bytes < (long) objects * VALUE_BYTES) {
            throw new IOException("only " + bytes + " bytes of " + objects + " objects");
          }
        });
  }
}

interface Call {
  void run() throws Exception;
}

static double median(Duration time, Call call) throws Exception {
  List<Long> nanos = new ArrayList<>();
  long end = System.nanoTime() + time.toNanos();
  for (int i = 0; System.nanoTime() < end || nanos.size() < 5; i++) {
    long start = System.nanoTime();
    call.run();
    if (i >= 2) {
      nanos.add(System.nanoTime() - start);
    }
  }
  return nanos.stream().sorted().toList().get(nanos.size() / 2) / 1e6;
}

static void spread(String name, Spread seen) {
  System.out.printf("%-44s %14.2f%n", name + ", p50 in ms", seen.p50());
  System.out.printf("%-44s %14.2f%n", name + ", p99 in ms", seen.p99());
}

/**
 * @param delivered in milliseconds, from when a write is acknowledged, so that it is durable, until
 *     a watcher has its event; 0 when that is sooner. It is what Kubernetes' SLI of watches counts
 * @param heard in milliseconds, from before a write is sent until a watcher has its event
 * @param written in milliseconds, from before a write is sent until it is acknowledged
 * @param cpu of the controller for one event of one watcher, in microseconds
 * @param resident memory of the controller with the watchers, in MB
 */
record Watched(Spread delivered, Spread heard, Spread written, double cpu, double resident) {}

/**
 * @param sent when the change was, of {@link System#nanoTime}
 */
record Heard(long sent, long at) {}

record Spread(double p50, double p99) {
  static Spread of(LongStream nanos) {
    long[] sorted = nanos.sorted().toArray();
    return new Spread(sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6);
  }
}

static Watched watched(Ours server, int watchers, int objects, String pid) throws Exception {
  try (Client writer = server.connect()) {
    for (int object = 0; object < objects; object++) {
      writer.put("watched-" + object, "0");
    }
    try (Watchers all = new Watchers(server.socket(), watchers, objects)) {
      all.awaitReady();
      double before = cpuSeconds(pid);
      Map<Long, Long> acknowledged = new HashMap<>(); // by when it was sent
      for (int i = 0; i < CHANGES; i++) {
        long start = System.nanoTime();
        writer.put("watched-" + i % objects, Long.toString(start));
        acknowledged.put(start, System.nanoTime());
        Thread.sleep(BETWEEN_CHANGES.plusMillis(watchers / objects / 10));
      }
      int events = CHANGES * (watchers / objects);
      List<Heard> heard = all.awaitHeard(events);
      return new Watched(
          Spread.of(heard.stream().mapToLong(h -> Math.max(0, h.at - acknowledged.get(h.sent)))),
          Spread.of(heard.stream().mapToLong(h -> h.at - h.sent)),
          Spread.of(acknowledged.entrySet().stream().mapToLong(w -> w.getValue() - w.getKey())),
          (cpuSeconds(pid) - before) * 1e6 / events,
          resident(pid));
    }
  }
}

/** In ticks of 10 ms. */
static double cpuSeconds(String pid) throws IOException {
  String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
  String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
}

/**
 * Connections that watch an object each, some the same, read by one thread: what a thousand clients
 * would take of the processors is not to be measured.
 */
static final class Watchers implements AutoCloseable {
  private static final byte[] SENT = "\"v\":\"t=".getBytes(StandardCharsets.US_ASCII);

  private final java.nio.channels.Selector selector = java.nio.channels.Selector.open();
  private final CountDownLatch ready;
  private final ConcurrentLinkedQueue<Heard> heard = new ConcurrentLinkedQueue<>();
  private final AtomicLong events = new AtomicLong();
  private final Thread reader;

  Watchers(Path socket, int count, int objects) throws IOException {
    ready = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      Http http = new Http(socket);
      http.send(
          "GET",
          Ours.MAPS + "?watch=1&fieldSelector=metadata.name%3Dwatched-" + i % objects,
          "",
          "");
      http.channel.configureBlocking(false);
      http.channel.register(
          selector, java.nio.channels.SelectionKey.OP_READ, ByteBuffer.allocate(1 << 13));
    }
    reader = Thread.ofPlatform().daemon().start(this::read);
  }

  void awaitReady() throws Exception {
    if (!ready.await(60, TimeUnit.SECONDS)) {
      throw new IOException(ready.getCount() + " watches were not answered");
    }
  }

  /** When that many events have come. */
  List<Heard> awaitHeard(int count) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (events.get() < count && System.nanoTime() < end) {
      Thread.sleep(50);
    }
    if (events.get() < count) {
      throw new IOException("only " + events + " of " + count + " events came");
    }
    return List.copyOf(heard);
  }

  private void read() {
    try {
      while (selector.isOpen()) {
        selector.select(
            key -> {
              try {
                take((SocketChannel) key.channel(), (ByteBuffer) key.attachment());
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
      }
    } catch (java.nio.channels.ClosedSelectorException e) {
      // closed
    } catch (Exception e) {
      System.err.println("watch: " + e);
    }
  }

  /** The first that is heard is what was there, of the time 0. */
  private void take(SocketChannel from, ByteBuffer to) throws IOException {
    if (from.read(to) < 0) {
      throw new IOException("a watch was closed");
    }
    long now = System.nanoTime();
    byte[] bytes = to.array();
    int done = 0;
    for (int at = 0; at + SENT.length + 20 < to.position(); at++) {
      // nearly all of it is filling, which is passed over fast
      if (bytes[at] == '"' && Arrays.equals(bytes, at, at + SENT.length, SENT, 0, SENT.length)) {
        long sent = 0;
        for (at += SENT.length; bytes[at] != ';'; at++) {
          sent = sent * 10 + bytes[at] - '0';
        }
        done = at;
        if (sent == 0) {
          ready.countDown();
        } else {
          heard.add(new Heard(sent, now));
          events.incrementAndGet();
        }
      }
    }
    to.flip().position(done);
    to.compact();
  }

  @Override
  public void close() throws IOException {
    List<java.nio.channels.SelectionKey> keys = List.copyOf(selector.keys());
    selector.close(); // first, so that the reader sees no channel that is closed
    for (var key : keys) {
      key.channel().close();
    }
  }
}

static double resident(String pid) throws IOException {
  for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
    if (line.startsWith("VmRSS:")) {
      return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
    }
  }
  throw new IOException("no process " + pid);
}

// --- for long

static final int SOAK_WRITERS = 16;
static final int SOAK_KEYS = 64;
static final Duration CHURN = Duration.ofMillis(100);
static final Duration SAMPLE = Duration.ofSeconds(5);
static final Duration PACE = Duration.ofMinutes(5);

/** {@code megabytes}: resident; {@code descriptors}: open. */
record Sample(double megabytes, double sockets) {
  /** Files are not counted: the store opens up to 256 of its own as it grows. */
  static Sample of(String pid) throws IOException {
    try (var open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return new Sample(resident(pid), open.filter(Sample::isSocket).count());
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}

/** Half the peak rate of writes, watchers that come and go, each of which must hear everything. */
static void soak(Ours server, String pid, int minutes, int watchers) throws Exception {
  double peak = writes(server, SOAK_WRITERS, Duration.ofSeconds(5));
  System.out.printf(
      "peak %.0f writes/s, %d watchers, %d min at half of it%n", peak, watchers, minutes);
  ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  AtomicLong written = new AtomicLong(), heard = new AtomicLong(), connects = new AtomicLong();
  AtomicBoolean stop = new AtomicBoolean();
  Sample before = Sample.of(pid);
  List<Thread> writers = new ArrayList<>();
  for (int w = 0; w < SOAK_WRITERS; w++) {
    int first = w;
    writers.add(
        Thread.startVirtualThread(
            () -> write(server, first, SOAK_WRITERS * 2e9 / peak, stop, written, errors)));
  }
  var open = new java.util.ArrayDeque<Listener>();
  long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
  Pace pace = Pace.of(written, pid);
  List<Sample> samples = new ArrayList<>();
  for (long next = System.nanoTime(); System.nanoTime() < end && errors.isEmpty(); ) {
    while (open.size() >= watchers) {
      open.remove().close();
    }
    open.add(new Listener(server, (int) (connects.getAndIncrement() % SOAK_KEYS), heard, errors));
    if (open.size() >= watchers) {
      Thread.sleep(CHURN);
      if (System.nanoTime() > next) {
        samples.add(Sample.of(pid));
        next = System.nanoTime() + SAMPLE.toNanos();
        pace = pace.next(written, pid);
      }
    }
  }
  stop.set(true);
  for (Thread writer : writers) {
    writer.join();
  }
  Thread.sleep(Duration.ofSeconds(2)); // all is heard
  for (Listener listener : open) {
    listener.close();
  }
  try (Client last = server.connect()) {
    // who has gone is noticed with the next event
    for (int key = 0; key < 2 * SOAK_KEYS; key++) {
      last.put("s" + key % SOAK_KEYS, "-" + key);
    }
  }
  Thread.sleep(Duration.ofSeconds(2));
  Sample after = Sample.of(pid);
  System.out.printf(
      "%d writes, %d events heard, %d watches opened%n",
      written.get(), heard.get(), connects.get());
  report("memory in MB", samples, Sample::megabytes, before, after, errors, 1.15, 16);
  report("sockets", samples, Sample::sockets, before, after, errors, 1.02, 16);
  if (after.sockets() > before.sockets() + SOAK_KEYS) {
    errors.add("sockets stay open after the last watcher has gone");
  }
  errors.stream().limit(5).forEach(e -> System.out.println("FAILED: " + e));
  System.exit(errors.isEmpty() ? 0 : 1);
}

/** How far the writers had come, and what the controller had used of a processor. */
record Pace(long nanos, long writes, double cpu) {
  static Pace of(AtomicLong written, String pid) throws IOException {
    return new Pace(System.nanoTime(), written.get(), cpuSeconds(pid));
  }

  /** Says what the last five minutes were like once they are over. */
  Pace next(AtomicLong written, String pid) throws IOException {
    double seconds = (System.nanoTime() - nanos) / 1e9;
    if (seconds < PACE.toSeconds()) {
      return this;
    }
    Pace now = of(written, pid);
    System.out.printf(
        "%.0f writes/s, %.2f of a processor for the controller%n",
        (now.writes - writes) / seconds, (now.cpu - cpu) / seconds);
    return now;
  }
}

/** The second quarter of the time, when all is warm, is what the last is compared to. */
static void report(
    String what,
    List<Sample> samples,
    java.util.function.ToDoubleFunction<Sample> of,
    Sample before,
    Sample after,
    ConcurrentLinkedQueue<String> errors,
    double factor,
    double slack) {
  int quarter = samples.size() / 4;
  if (quarter == 0) {
    errors.add("too short to tell: " + samples.size() + " samples");
    return;
  }
  double early = mean(samples.subList(quarter, 2 * quarter), of);
  double late = mean(samples.subList(samples.size() - quarter, samples.size()), of);
  System.out.printf(
      "%s: %.0f before, %.0f in the second quarter, %.0f in the last, %.0f after%n",
      what, of.applyAsDouble(before), early, late, of.applyAsDouble(after));
  if (late > early * factor + slack) {
    errors.add(what + " grows");
  }
}

static double mean(List<Sample> samples, java.util.function.ToDoubleFunction<Sample> of) {
  return samples.stream().mapToDouble(of).average().orElse(0);
}

/** Its own keys in turn, each with a number that grows by one. */
static void write(
    Ours server,
    int first,
    double nanosBetween,
    AtomicBoolean stop,
    AtomicLong written,
    ConcurrentLinkedQueue<String> errors) {
  try (Client client = server.connect()) {
    double due = System.nanoTime();
    for (long i = 0; !stop.get(); i++) {
      long key = first + SOAK_WRITERS * (i % (SOAK_KEYS / SOAK_WRITERS));
      client.put("s" + key, Long.toString(i / (SOAK_KEYS / SOAK_WRITERS)));
      written.incrementAndGet();
      due += nanosBetween;
      long left = (long) due - System.nanoTime();
      if (left > 0) {
        Thread.sleep(Duration.ofNanos(left));
      }
    }
  } catch (Exception e) {
    errors.add("write: " + e);
  }
}

/** One watch, which must hear each number of its key. */
static final class Listener {
  private final Http http;
  private volatile boolean closed;

  Listener(Ours server, int key, AtomicLong heard, ConcurrentLinkedQueue<String> errors)
      throws IOException {
    http = new Http(server.socket());
    Thread.startVirtualThread(() -> listen(key, heard, errors));
  }

  private void listen(int key, AtomicLong heard, ConcurrentLinkedQueue<String> errors) {
    try {
      http.send("GET", Ours.MAPS + "?watch=1&fieldSelector=metadata.name%3Ds" + key, "", "");
      http.head();
      long last = -1;
      while (true) {
        for (String event : new String(http.chunk(), StandardCharsets.UTF_8).split("\n")) {
          long number = time(event);
          if (closed) {
            return; // what is written when all have gone may be there before it is known here
          }
          // the first write of each key is done twice: created, then replaced by the same
          if (last >= 0 && number != last + 1 && number != last) {
            errors.add("watch of s" + key + " heard " + number + " after " + last);
          }
          last = number;
          heard.incrementAndGet();
        }
      }
    } catch (Exception e) {
      if (!closed) {
        errors.add("watch of s" + key + ": " + e);
      }
    }
  }

  void close() throws IOException {
    closed = true;
    http.close();
  }
}

// --- the two servers

interface Server {
  Client connect() throws IOException;
}

interface Client extends AutoCloseable {
  void put(String key, String time) throws Exception;

  void get(String key) throws Exception;

  /** Of all; how many bytes it was. */
  long list() throws Exception;

  @Override
  void close() throws IOException;
}

/** So that both have as much to store, whatever the number before it. */
static String value(String time) {
  return "t=" + time + ";" + "x".repeat(VALUE_BYTES - time.length() - 3);
}

static long time(String text) {
  int at = text.indexOf("t=");
  return Long.parseLong(text.substring(at + 2, text.indexOf(';', at)));
}

record Ours(Path socket) implements Server {
  static final String MAPS = "/api/v1/namespaces/default/configmaps";

  @Override
  public Client connect() throws IOException {
    return new Http(socket);
  }
}

/** One connection of ours. */
static final class Http implements Client {
  final SocketChannel channel;
  final InputStream in;
  final java.util.Set<String> made = new java.util.HashSet<>();

  Http(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
  }

  void send(String method, String path, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: jctl\r\nUser-Agent: bench\r\n"
            + (bytes.length == 0
                ? ""
                : "Content-Type: " + type + "\r\nContent-Length: " + bytes.length + "\r\n")
            + "\r\n";
    ByteBuffer all = ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8));
    while (all.hasRemaining()) {
      channel.write(all);
    }
  }

  int status;
  int length;

  void head() throws IOException {
    status = Integer.parseInt(line().split(" ")[1]);
    length = -1;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (line.toLowerCase().startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
  }

  byte[] chunk() throws IOException {
    byte[] bytes = in.readNBytes(Integer.parseInt(line(), 16));
    line();
    return bytes;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the connection was closed");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  private byte[] answer(int... expected) throws IOException {
    head();
    byte[] body = in.readNBytes(length);
    if (Arrays.stream(expected).noneMatch(e -> e == status)) {
      throw new IOException(status + " " + new String(body, StandardCharsets.UTF_8));
    }
    return body;
  }

  @Override
  public void put(String key, String time) throws Exception {
    String object =
        "{\"metadata\":{\"name\":\"" + key + "\"},\"data\":{\"v\":\"" + value(time) + "\"}}";
    if (made.add(key)) {
      send("POST", Ours.MAPS, "application/json", object);
      answer(201, 409);
    }
    send("PUT", Ours.MAPS + "/" + key, "application/json", object);
    answer(200);
  }

  @Override
  public void get(String key) throws Exception {
    send("GET", Ours.MAPS + "/" + key, "", "");
    answer(200);
  }

  @Override
  public long list() throws Exception {
    send("GET", Ours.MAPS, "", "");
    head();
    if (status != 200) {
      throw new IOException(status + " to a list");
    }
    if (length >= 0) {
      return in.readNBytes(length).length;
    }
    long bytes = 0;
    for (int chunk = chunk().length; chunk > 0; chunk = chunk().length) {
      bytes += chunk;
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

/**
 * gRPC by hand (PROTOCOL-HTTP2 of gRPC): a message is a byte 0, its length in four bytes, and
 * protobuf.
 */
record Etcd(URI url, HttpClient http) implements Server {
  Etcd(URI url) throws Exception {
    this(
        url,
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(trusting()).build());
  }

  static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
    return context;
  }

  HttpRequest.Builder request(String method) {
    return HttpRequest.newBuilder(url.resolve("/etcdserverpb." + method))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
  }

  byte[] call(String method, byte[] message) throws Exception {
    HttpResponse<byte[]> answer =
        http.send(
            request(method).POST(HttpRequest.BodyPublishers.ofByteArray(framed(message))).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.body().length < 5) {
      throw new IOException(method + ": " + answer.statusCode() + " " + answer.headers().map());
    }
    return answer.body();
  }

  static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(message.length + 5)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** A field of bytes. */
  static byte[] field(int number, byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(number << 3 | 2);
    for (int length = bytes.length; ; length >>>= 7) {
      out.write(length > 0x7f ? length & 0x7f | 0x80 : length);
      if (length <= 0x7f) {
        break;
      }
    }
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Client connect() {
    Etcd etcd = this;
    return new Client() {
      @Override
      public void put(String key, String time) throws Exception {
        etcd.call("KV/Put", joined(field(1, bytes("/m/" + key)), field(2, bytes(value(time)))));
      }

      @Override
      public void get(String key) throws Exception {
        etcd.call("KV/Range", field(1, bytes("/m/" + key)));
      }

      @Override
      public long list() throws Exception {
        return etcd.call("KV/Range", joined(field(1, bytes("/m/")), field(2, bytes("/m0")))).length;
      }

      @Override
      public void close() {}
    };
  }
}

/** etcd makes its certificate as it starts, for this run alone. */
static final class Trusting extends X509ExtendedTrustManager {
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) {}

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
