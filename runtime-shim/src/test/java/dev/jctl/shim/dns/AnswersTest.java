package dev.jctl.shim.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.dns.Answers.Verdict;
import dev.jctl.shim.dns.NameTable.Presence;
import dev.jctl.shim.dns.NameTable.Zone;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.ServiceSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class AnswersTest {
  private final Set<String> running = new HashSet<>(Set.of("a", "b", "c", "d", "r"));
  private final NameTable table = new NameTable(running::contains);
  private final Answers answers = new Answers(table);

  @BeforeEach
  void twoNetworksAndAnInternalOne() {
    table.putNetwork("blue", new Zone(List.of(Cidr.parse("10.90.0.0/24")), false));
    table.putNetwork(
        "red", new Zone(List.of(Cidr.parse("10.91.0.0/20"), Cidr.parse("fd00:91::/64")), false));
    table.putNetwork("inner", new Zone(List.of(Cidr.parse("10.92.0.0/24")), true));
    table.put("a", List.of(on("a", "blue", "10.90.0.2")));
    table.put("b", List.of(on("b", "blue", "10.90.0.3"), on("b", "inner", "10.92.0.2")));
    table.put("c", List.of(on("c", "inner", "10.92.0.3")));
    table.put("d", List.of(on("d", "blue", "10.90.0.4"), on("d", "inner", "10.92.0.4")));
    table.put("r", List.of(on("r", "red", "10.91.0.2", "fd00:91::2")));
  }

  private static Presence on(String name, String network, String... addresses) {
    List<InetAddress> literals = Stream.of(addresses).map(InetAddress::ofLiteral).toList();
    return new Presence(
        name,
        network,
        literals,
        List.of(
            name + ".ns.pod.cluster.local", name, name + ".ns", name + ".ns.svc.cluster.local"));
  }

  private static Message query(String name, int type) throws IOException {
    Message query =
        Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN));
    query.getHeader().setID(0);
    return query;
  }

  private Message answer(String from, Message query) {
    return answers.to(query, InetAddress.ofLiteral(from)) instanceof Verdict.Answer(Message message)
        ? message
        : new Message();
  }

  /** As text: the answers' data, or the code of an answer without any, or {@code forward}. */
  private String ask(String from, String name, int type) throws IOException {
    if (answers.to(query(name, type), InetAddress.ofLiteral(from)) instanceof Verdict.Forward) {
      return "forward";
    }
    Message answer = answer(from, query(name, type));
    List<Record> records = answer.getSection(Section.ANSWER);
    return records.isEmpty()
        ? Rcode.string(answer.getRcode())
        : String.join(" ", records.stream().map(Record::rdataToString).toList());
  }

  @Test
  void neighboursAreFoundUnderAllTheirNames() throws IOException {
    for (String name : List.of("c", "C", "c.ns", "c.ns.svc.cluster.local")) {
      assertThat(ask("10.92.0.2", name, Type.A)).as(name).isEqualTo("10.92.0.3");
    }
    assertThat(ask("10.91.0.2", "r", Type.AAAA)).isEqualTo("fd00:91:0:0:0:0:0:2");
    assertThat(ask("10.91.0.2", "r", Type.ANY)).contains("10.91.0.2", "fd00:91");
  }

  @Test
  void whatIsRehearsedIsAnswered() throws IOException {
    assertThat(Answers.rehearsed()).containsExactly(Rcode.NOERROR, Rcode.NXDOMAIN);
  }

  @Test
  void whoIsOnSeveralNetworksHasAllItsAddressesThatAreShared() throws IOException {
    assertThat(ask("10.90.0.3", "d", Type.A).split(" "))
        .containsExactlyInAnyOrder("10.90.0.4", "10.92.0.4");
    assertThat(ask("10.90.0.2", "d", Type.A)).isEqualTo("10.90.0.4");
  }

  @Test
  void severalOfOneNameTakeTurns() throws IOException {
    Message first = query("d", Type.A);
    Message second = query("d", Type.A);
    second.getHeader().setID(1);
    assertThat(answer("10.90.0.3", first).getSection(Section.ANSWER).getFirst())
        .isNotEqualTo(answer("10.90.0.3", second).getSection(Section.ANSWER).getFirst());
  }

  @Test
  void otherNetworksNamesAreUnknown() throws IOException {
    assertThat(ask("10.90.0.2", "c", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(ask("10.90.0.2", "r.ns.svc.cluster.local", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(ask("10.91.0.2", "2.0.90.10.in-addr.arpa", Type.PTR)).isEqualTo("NXDOMAIN");
  }

  @Test
  void onlyWhatRunsHasNames() throws IOException {
    running.remove("c");
    assertThat(ask("10.92.0.2", "c", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(ask("10.92.0.2", "3.0.92.10.in-addr.arpa", Type.PTR)).isEqualTo("NXDOMAIN");
    running.add("c");
    assertThat(ask("10.92.0.2", "c", Type.A)).isEqualTo("10.92.0.3");
    table.remove("c");
    assertThat(ask("10.92.0.2", "c", Type.A)).isEqualTo("NXDOMAIN");
  }

  @Test
  void addressesHaveAName() throws IOException {
    assertThat(ask("10.90.0.2", "3.0.90.10.in-addr.arpa", Type.PTR))
        .isEqualTo("b.ns.pod.cluster.local.");
    assertThat(ask("10.91.0.2", reversed("fd00:91::2"), Type.PTR))
        .isEqualTo("r.ns.pod.cluster.local.");
    assertThat(ask("10.90.0.2", "1.113.0.203.in-addr.arpa", Type.PTR)).isEqualTo("forward");
  }

  private static String reversed(String address) {
    return org.xbill.DNS.ReverseMap.fromAddress(InetAddress.ofLiteral(address)).toString();
  }

  @Test
  void whatIsNotOursIsForwardedUnlessTheNetworkIsInternal() throws IOException {
    assertThat(ask("10.90.0.2", "example.org", Type.A)).isEqualTo("forward");
    assertThat(ask("10.92.0.3", "example.org", Type.A)).isEqualTo("REFUSED");
    assertThat(ask("10.92.0.2", "example.org", Type.A)).isEqualTo("forward");
    assertThat(ask("10.90.0.2", "org", Type.NS)).isEqualTo("forward");
    assertThat(ask("10.90.0.2", "nobody", Type.A)).isEqualTo("NXDOMAIN");
  }

  @Test
  void whoIsNoSandboxIsRefused() throws IOException {
    assertThat(ask("10.90.0.77", "a", Type.A)).isEqualTo("REFUSED");
    assertThat(ask("10.90.0.2", "cluster.local", Type.AXFR)).isEqualTo("REFUSED");
  }

  @Test
  void negativeAnswersSayForHowLong() throws IOException {
    Message noName = answer("10.90.0.2", query("nobody.ns.svc.cluster.local", Type.A));
    assertThat(noName.getSection(Section.AUTHORITY).getFirst().getName())
        .hasToString("cluster.local.");
    assertThat(noName.getHeader().getFlag(Flags.AA)).isTrue();
    Message noData = answer("10.90.0.2", query("b", Type.AAAA));
    assertThat(noData.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(noData.getSection(Section.AUTHORITY)).hasSize(1);
    Message reverse = answer("10.91.0.2", query("9.3.91.10.in-addr.arpa", Type.PTR));
    assertThat(reverse.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(reverse.getSection(Section.AUTHORITY).getFirst().getName())
        .hasToString("91.10.in-addr.arpa.");
  }

  @Test
  void namesWithOthersBelowThemExist() throws IOException {
    for (String name : List.of("cluster.local", "svc.cluster.local", "ns.svc.cluster.local")) {
      assertThat(ask("10.90.0.2", name, Type.A)).as(name).isEqualTo("NOERROR");
    }
    for (String name :
        List.of("ns.cluster.local", "host.svc.cluster.local", "host.pod.cluster.local")) {
      assertThat(ask("10.90.0.2", name, Type.A)).as(name).isEqualTo("NXDOMAIN");
    }
    assertThat(ask("10.90.0.2", "cluster.local", Type.SOA)).startsWith("ns.dns.cluster.local.");
  }

  @Test
  void answersAreAsBigAsTheAskerSaid() throws IOException {
    for (int i = 0; i < 100; i++) {
      String id = "m" + i;
      running.add(id);
      table.put(
          id,
          List.of(
              new Presence(
                  id, "red", List.of(InetAddress.ofLiteral("10.91.1." + i)), List.of("many"))));
    }
    Message plain = query("many", Type.A);
    byte[] truncated = answer("10.91.0.2", plain).toWire(Answers.limit(plain));
    assertThat(truncated).hasSizeLessThanOrEqualTo(512);
    assertThat(new Message(truncated).getHeader().getFlag(Flags.TC)).isTrue();
    Message extended = query("many", Type.A);
    extended.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
    assertThat(Answers.limit(extended)).isEqualTo(1232);
    assertThat(answer("10.91.0.2", extended).getOPT()).isNotNull();
    assertThat(answer("10.91.0.2", extended).getSection(Section.ANSWER)).hasSize(100);
  }

  @Test
  void whatIsNoProperQuestionIsToldSo() throws IOException {
    Message update = query("a", Type.A);
    update.getHeader().setOpcode(Opcode.UPDATE);
    assertThat(answer("10.90.0.2", update).getRcode()).isEqualTo(Rcode.NOTIMP);
    assertThat(answer("10.90.0.2", new Message(7)).getRcode()).isEqualTo(Rcode.FORMERR);
    Message future = query("a", Type.A);
    future.addRecord(new OPTRecord(1232, 0, 1), Section.ADDITIONAL);
    assertThat(answer("10.90.0.2", future).getRcode()).isEqualTo(Rcode.BADVERS);
  }

  private static ServiceSpec service(
      String name,
      List<String> addresses,
      List<ServiceSpec.Member> members,
      @Nullable String external) {
    String domain = name + ".ns.svc.cluster.local";
    List<ServiceSpec.Target> targets =
        members.stream()
            .flatMap(m -> m.addresses().stream())
            .map(ip -> new ServiceSpec.Target(ip, 8080))
            .toList();
    return new ServiceSpec(
        "ns." + name,
        domain,
        List.of(domain, name + ".ns"),
        addresses,
        List.of(new ServiceSpec.Port("http", "TCP", 80, 0, targets)),
        members,
        external,
        0,
        Exposure.LOCALHOST,
        List.of(),
        null);
  }

  private List<String> answers(String name, int type, String source) throws IOException {
    return answers.to(query(name, type), InetAddress.ofLiteral(source))
            instanceof Verdict.Answer(Message message)
        ? message.getSection(Section.ANSWER).stream().map(Record::rdataToString).toList()
        : List.of("not answered");
  }

  @Test
  void aServiceIsFoundByNamePortAndAddressFromEveryNetwork() throws IOException {
    table.services().put(service("web", List.of("10.96.0.10"), List.of(), null));
    for (String name : List.of("web.ns.svc.cluster.local", "web.ns")) {
      assertThat(answers(name, Type.A, "10.90.0.2")).containsExactly("10.96.0.10");
      assertThat(answers(name, Type.A, "10.91.0.2")).containsExactly("10.96.0.10");
    }
    assertThat(answers("_http._tcp.web.ns.svc.cluster.local", Type.SRV, "10.90.0.2"))
        .containsExactly("0 100 80 web.ns.svc.cluster.local.");
    assertThat(answers("10.0.96.10.in-addr.arpa", Type.PTR, "10.90.0.2"))
        .containsExactly("web.ns.svc.cluster.local.");
    assertThat(answers("web.ns.svc.cluster.local", Type.AAAA, "10.90.0.2")).isEmpty();
    table.services().remove("ns.web");
    assertThat(answers("web.ns.svc.cluster.local", Type.A, "10.90.0.2")).isEmpty();
  }

  @Test
  void aNameWithoutAnAddressHasThoseOfItsMembersOnTheSameNetworks() throws IOException {
    List<ServiceSpec.Member> members =
        List.of(
            new ServiceSpec.Member("db-0", List.of("10.90.0.3")),
            new ServiceSpec.Member("db-1", List.of("10.91.0.2")));
    table.services().put(service("db", List.of(), members, null));
    assertThat(answers("db.ns.svc.cluster.local", Type.A, "10.90.0.2"))
        .containsExactly("10.90.0.3");
    assertThat(answers("db-0.db.ns.svc.cluster.local", Type.A, "10.90.0.2"))
        .containsExactly("10.90.0.3");
    assertThat(answers("db-1.db.ns.svc.cluster.local", Type.A, "10.90.0.2")).isEmpty();
    assertThat(answers("_http._tcp.db.ns.svc.cluster.local", Type.SRV, "10.90.0.2"))
        .contains("0 50 8080 db-0.db.ns.svc.cluster.local.");
  }

  @Test
  void anExternalNameIsAskedForUnlessItIsOneOfOurs() throws IOException {
    table.services().put(service("out", List.of(), List.of(), "db.example.com"));
    table.services().put(service("in", List.of(), List.of(), "b.ns.svc.cluster.local"));
    Verdict verdict =
        answers.to(query("out.ns.svc.cluster.local", Type.A), InetAddress.ofLiteral("10.90.0.2"));
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Alias.class,
            alias ->
                assertThat(alias.target().getQuestion().getName()).hasToString("db.example.com."));
    assertThat(answers("in.ns.svc.cluster.local", Type.A, "10.90.0.2"))
        .containsExactly("b.ns.svc.cluster.local.", "10.90.0.3");
    assertThat(answers("out.ns.svc.cluster.local", Type.A, "10.92.0.3"))
        .as("from an internal network")
        .containsExactly("db.example.com.");
  }
}
