package dev.jctl.shim.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class AnswerCacheTest {
  private static final List<String> SERVERS = List.of("192.0.2.53");
  private final AtomicLong now = new AtomicLong(-5);
  private final AnswerCache cache = new AnswerCache(now::get);

  private static Message query(int id) throws IOException {
    Message query =
        Message.newQuery(Record.newRecord(Name.fromString("a.example."), Type.A, DClass.IN));
    query.getHeader().setID(id);
    return query;
  }

  private static Message answer(int rcode) throws IOException {
    Message answer = query(7);
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setRcode(rcode);
    return answer;
  }

  private static Message address(int ttl) throws IOException {
    Message answer = answer(Rcode.NOERROR);
    answer.addRecord(
        new ARecord(Name.fromString("a.example."), DClass.IN, ttl, new byte[] {1, 2, 3, 4}),
        Section.ANSWER);
    answer.addRecord(new OPTRecord(1232, 0, 0, Flags.DO), Section.ADDITIONAL);
    return answer;
  }

  private static Message absence(int ttl, int minimum) throws IOException {
    Message answer = answer(Rcode.NXDOMAIN);
    Name zone = Name.fromString("example.");
    answer.addRecord(
        new SOARecord(zone, DClass.IN, ttl, zone, zone, 1, 1, 1, 1, minimum), Section.AUTHORITY);
    return answer;
  }

  private void keep(Message answer) throws IOException {
    cache.keep(query(7).toWire(), answer.toWire(), SERVERS);
  }

  private boolean isKnown() throws IOException {
    return cache.find(query(9).toWire(), SERVERS).isPresent();
  }

  private void pass(int seconds) {
    now.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void tellsAnAnswerAgainWithTheIdThatIsAskedAndTheTimeThatIsLeft() throws IOException {
    keep(address(30));
    pass(12);
    Message told = new Message(cache.find(query(9).toWire(), SERVERS).orElseThrow());
    assertThat(told.getHeader().getID()).isEqualTo(9);
    assertThat(told.getSection(Section.ANSWER).getFirst().getTTL()).isEqualTo(18);
    assertThat(told.getOPT().getFlags()).isEqualTo(Flags.DO);
    assertThat(isKnown()).isTrue();
    pass(18);
    assertThat(isKnown()).isFalse();
  }

  @Test
  void tellsThatThereIsNoneForAsLongAsItsZoneSaysButNotForLong() throws IOException {
    keep(absence(3600, 20));
    pass(19);
    assertThat(isKnown()).isTrue();
    pass(1);
    assertThat(isKnown()).isFalse();
    keep(absence(3600, 3600));
    pass(60);
    assertThat(isKnown()).isFalse();
  }

  @Test
  void doesNotTellTwiceWhatFailedOrIsNotWhole() throws IOException {
    keep(answer(Rcode.SERVFAIL));
    assertThat(isKnown()).isFalse();
    keep(answer(Rcode.NXDOMAIN));
    assertThat(isKnown()).as("without SOA").isFalse();
    Message cut = address(30);
    cut.getHeader().setFlag(Flags.TC);
    keep(cut);
    assertThat(isKnown()).isFalse();
    keep(address(0));
    assertThat(isKnown()).isFalse();
    cache.keep(query(7).toWire(), new byte[] {1, 2, 3}, SERVERS);
    assertThat(isKnown()).isFalse();
  }

  @Test
  void forgetsAllWhenOthersAreAsked() throws IOException {
    keep(address(30));
    assertThat(cache.find(query(9).toWire(), List.of("192.0.2.54"))).isEmpty();
    assertThat(isKnown()).isFalse();
  }
}
