package dev.jctl.shim.dns;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/**
 * Answers of the host's servers, for as long as they may be told again; also that there is no such
 * name or no such record (RFC 2308). A question is the same when all of it is, but for its id. Safe
 * for many threads.
 */
final class AnswerCache {
  private static final int MAX_ANSWERS = 4096;
  private static final int MAX_BYTES = 1232;
  private static final long MAX_SECONDS = 3600;

  /** What is not there yet may be there soon. */
  private static final long MAX_NEGATIVE_SECONDS = 60;

  private static final long NANOS = 1_000_000_000;
  private static final int HEADER_BYTES = 12;
  private static final int ID_BYTES = 2;

  /** Of a record: type, class, TTL and length, after its name. */
  private static final int FIXED_BYTES = 10;

  private static final int TTL_OFFSET = 4;
  private static final int LENGTH_OFFSET = 8;

  /** {@code ttls}: where they are in the answer; times in nanoseconds and seconds. */
  private record Kept(ByteBuffer answer, List<Integer> ttls, long since, long seconds) {}

  private final LongSupplier nanoTime;
  private final Map<ByteBuffer, Kept> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Kept> eldest) {
          return size() > MAX_ANSWERS;
        }
      };
  private List<String> servers = List.of();

  AnswerCache(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** With the question's id, and TTLs that are less by the time that has passed (RFC 1035, 7.3). */
  synchronized Optional<byte[]> find(byte[] query, List<String> servers) {
    forgetUnlessOf(servers);
    if (query.length < HEADER_BYTES) {
      return Optional.empty();
    }
    Kept kept = answers.get(key(query));
    if (kept == null) {
      return Optional.empty();
    }
    long age = (nanoTime.getAsLong() - kept.since()) / NANOS;
    if (age >= kept.seconds()) {
      answers.remove(key(query));
      return Optional.empty();
    }
    byte[] bytes = new byte[kept.answer().capacity()];
    kept.answer().get(0, bytes);
    ByteBuffer told = ByteBuffer.wrap(bytes);
    told.put(0, query, 0, ID_BYTES);
    kept.ttls().forEach(at -> told.putInt(at, (int) Math.max(0, told.getInt(at) - age)));
    return Optional.of(bytes);
  }

  /** Other servers may know other things. */
  private void forgetUnlessOf(List<String> now) {
    if (!now.equals(servers)) {
      answers.clear();
      servers = List.copyOf(now);
    }
  }

  synchronized void keep(byte[] query, byte[] answer, List<String> servers) {
    forgetUnlessOf(servers);
    if (query.length < HEADER_BYTES || answer.length > MAX_BYTES) {
      return;
    }
    try {
      OptionalLong seconds = seconds(new Message(answer));
      if (seconds.isPresent() && seconds.getAsLong() > 0) {
        answers.put(
            key(query),
            new Kept(
                ByteBuffer.wrap(answer.clone()),
                ttls(answer),
                nanoTime.getAsLong(),
                seconds.getAsLong()));
      }
    } catch (WireParseException | IndexOutOfBoundsException odd) {
      // told as it is, once
      return;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException("there is no input", e);
    }
  }

  private static ByteBuffer key(byte[] query) {
    return ByteBuffer.wrap(Arrays.copyOfRange(query, ID_BYTES, query.length));
  }

  /** How long it may be told; empty for what may not be told twice. */
  private static OptionalLong seconds(Message answer) {
    if (answer.getHeader().getFlag(Flags.TC)) {
      return OptionalLong.empty();
    }
    int rcode = answer.getRcode();
    List<Record> found = answer.getSection(Section.ANSWER);
    if (rcode == Rcode.NOERROR && !found.isEmpty()) {
      return found.stream().mapToLong(r -> Math.min(r.getTTL(), MAX_SECONDS)).min();
    }
    if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
      return OptionalLong.empty();
    }
    return answer.getSection(Section.AUTHORITY).stream()
        .filter(SOARecord.class::isInstance)
        .map(SOARecord.class::cast)
        .mapToLong(soa -> Math.min(soa.getTTL(), soa.getMinimum()))
        .map(ttl -> Math.min(ttl, MAX_NEGATIVE_SECONDS))
        .min();
  }

  /** Where they are in the message. That of OPT is none (RFC 6891, 6.1.3). */
  private static List<Integer> ttls(byte[] message) {
    ByteBuffer buffer = ByteBuffer.wrap(message);
    int questions = buffer.getShort(4) & 0xffff;
    int records =
        (buffer.getShort(6) & 0xffff)
            + (buffer.getShort(8) & 0xffff)
            + (buffer.getShort(10) & 0xffff);
    int at = HEADER_BYTES;
    for (int i = 0; i < questions; i++) {
      at = afterName(buffer, at) + 4;
    }
    List<Integer> ttls = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      at = afterName(buffer, at);
      if (buffer.getShort(at) != Type.OPT) {
        ttls.add(at + TTL_OFFSET);
      }
      at += FIXED_BYTES + (buffer.getShort(at + LENGTH_OFFSET) & 0xffff);
    }
    return ttls;
  }

  /** RFC 1035, 4.1.4: labels up to an empty one, or to a pointer to the rest. */
  private static int afterName(ByteBuffer buffer, int start) {
    int at = start;
    while (true) {
      int length = buffer.get(at) & 0xff;
      if (length >= 0xc0) {
        return at + 2;
      }
      at += 1 + length;
      if (length == 0) {
        return at;
      }
    }
  }
}
