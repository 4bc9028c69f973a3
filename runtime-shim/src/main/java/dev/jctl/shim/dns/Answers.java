package dev.jctl.shim.dns;

import dev.jctl.shim.dns.NameTable.Asker;
import dev.jctl.shim.dns.ServiceNames.Entry;
import dev.jctl.shim.dns.ServiceNames.Place;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.spec.NameService;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** Question and what is known → answer (RFC 1035, 2308, 6891). Pure but for the table it reads. */
final class Answers {
  /** Seconds. Names come and go with their containers. */
  private static final long TTL = 5;

  /** What fits a packet of any network (DNS flag day 2020). */
  private static final int EDNS_PAYLOAD = 1232;

  private static final Name DOMAIN = Name.fromConstantString(NameService.DOMAIN + ".");
  private static final Name SERVER = Name.fromConstantString("ns.dns." + NameService.DOMAIN + ".");
  private static final Name MAILBOX =
      Name.fromConstantString("hostmaster." + NameService.DOMAIN + ".");

  /** What single labels are asked for that is about the world's top level, not about hosts. */
  private static final Set<Integer> OF_TOP_LEVEL =
      Set.of(Type.NS, Type.DS, Type.SOA, Type.DNSKEY, Type.NSEC);

  /** What becomes of a question. */
  sealed interface Verdict {
    record Answer(Message message) implements Verdict {}

    /** Others know. */
    record Forward() implements Verdict {}

    /** Others know what the name stands for. */
    record Alias(CNAMERecord alias, Message target) implements Verdict {}
  }

  private final NameTable table;

  Answers(NameTable table) {
    this.table = table;
  }

  /**
   * Answers two questions of nobody, for a name that is known and for one that is not.
   *
   * @return the codes of the answers
   */
  static List<Integer> rehearsed() throws IOException {
    InetAddress somebody = InetAddress.ofLiteral("192.0.2.1");
    NameTable table = new NameTable(sandbox -> true);
    table.putNetwork("n", new NameTable.Zone(List.of(), true));
    table.put("s", List.of(new NameTable.Presence("s", "n", List.of(somebody), List.of("known"))));
    List<Integer> codes = new ArrayList<>();
    for (String name : List.of("known.", "unknown." + NameService.DOMAIN + ".")) {
      Record question = Record.newRecord(Name.fromString(name), Type.A, DClass.IN);
      Message query = new Message(Message.newQuery(question).toWire());
      if (new Answers(table).to(query, somebody) instanceof Verdict.Answer(Message answer)) {
        codes.add(new Message(answer.toWire(limit(query))).getRcode());
      }
    }
    return codes;
  }

  Verdict to(Message query, InetAddress source) {
    Record question = query.getQuestion();
    if (query.getHeader().getOpcode() != Opcode.QUERY) {
      return refusal(query, Rcode.NOTIMP);
    }
    if (question == null || query.getHeader().getCount(Section.QUESTION) != 1) {
      return refusal(query, Rcode.FORMERR);
    }
    OPTRecord edns = query.getOPT();
    if (edns != null && edns.getVersion() > 0) {
      return refusal(query, Rcode.BADVERS);
    }
    Optional<Asker> asker = table.asker(source);
    if (asker.isEmpty()
        || question.getDClass() != DClass.IN
        || question.getType() == Type.AXFR
        || question.getType() == Type.IXFR) {
      return refusal(query, Rcode.REFUSED);
    }
    return answerTo(query, question, asker.get());
  }

  private Verdict answerTo(Message query, Record question, Asker asker) {
    Optional<Entry> service = table.services().find(text(question.getName()));
    if (service.orElse(null) instanceof Entry.Alias(String target)) {
      return alias(query, question, target, asker);
    }
    Optional<Message> known =
        service
            .map(entry -> ofService(query, question, entry, asker.networks()))
            .or(() -> known(query, question, asker.networks()));
    return known
        .<Verdict>map(Verdict.Answer::new)
        .orElseGet(() -> asker.outward() ? new Verdict.Forward() : refusal(query, Rcode.REFUSED));
  }

  private Message ofService(Message query, Record question, Entry entry, Set<String> networks) {
    List<Record> records =
        switch (entry) {
          case Entry.Host(var addresses, boolean virtual) ->
              records(
                  question,
                  turned(query, virtual ? addresses : table.reachable(networks, addresses)));
          case Entry.Places(var places) -> services(question, places);
          case Entry.Alias alias -> List.of();
        };
    return answer(query, records, zone(question.getName()));
  }

  private static List<Record> services(Record question, List<Place> places) {
    boolean asked = question.getType() == Type.SRV || question.getType() == Type.ANY;
    return places.stream()
        .filter(place -> asked)
        .<Record>map(
            place ->
                new SRVRecord(
                    question.getName(),
                    DClass.IN,
                    TTL,
                    0,
                    100 / places.size(),
                    place.port(),
                    absolute(place.host())))
        .toList();
  }

  /** What it stands for may be of ours, or others know. */
  private Verdict alias(Message query, Record question, String target, Asker asker) {
    CNAMERecord alias =
        new CNAMERecord(question.getName(), DClass.IN, TTL, absolute(withoutDot(target)));
    if (question.getType() == Type.CNAME) {
      return new Verdict.Answer(answer(query, List.of(alias), DOMAIN));
    }
    Record next = Record.newRecord(alias.getTarget(), question.getType(), DClass.IN);
    Message further = Message.newQuery(next);
    Optional<Message> known =
        alias.getTarget().subdomain(DOMAIN)
            ? known(further, next, asker.networks())
            : Optional.empty();
    if (known.isPresent()) {
      return new Verdict.Answer(behind(query, alias, known.get()));
    }
    return asker.outward()
        ? new Verdict.Alias(alias, further)
        : new Verdict.Answer(answer(query, List.of(alias), DOMAIN));
  }

  private static String withoutDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** The alias, and what was found behind it. */
  static Message behind(Message query, CNAMERecord alias, Message found) {
    Message answer = reply(query, found.getRcode());
    answer.addRecord(alias, Section.ANSWER);
    found.getSection(Section.ANSWER).forEach(record -> answer.addRecord(record, Section.ANSWER));
    return answer;
  }

  private static List<InetAddress> turned(Message query, List<InetAddress> addresses) {
    List<InetAddress> turned = new ArrayList<>(addresses);
    if (!turned.isEmpty()) {
      Collections.rotate(turned, query.getHeader().getID() % turned.size());
    }
    return turned;
  }

  /** Empty when the name is none of ours. */
  private Optional<Message> known(Message query, Record question, Set<String> networks) {
    Name name = question.getName();
    if (reverse(name)) {
      return pointer(query, question, networks);
    }
    List<InetAddress> addresses = turned(query, table.addresses(networks, text(name)));
    if (!addresses.isEmpty()) {
      return Optional.of(answer(query, records(question, addresses), zone(name)));
    }
    if (name.subdomain(DOMAIN)) {
      return Optional.of(
          name.equals(DOMAIN) && question.getType() == Type.SOA
              ? answer(query, List.of(soa(DOMAIN)), DOMAIN)
              : branch(name, networks) ? answer(query, List.of(), DOMAIN) : unknown(query, DOMAIN));
    }
    return name.labels() == 2 && !OF_TOP_LEVEL.contains(question.getType())
        ? Optional.of(unknown(query, Name.root))
        : Optional.empty();
  }

  private static String text(Name name) {
    return name.toString(true).toLowerCase(Locale.ROOT);
  }

  private static Name zone(Name name) {
    return name.subdomain(DOMAIN) ? DOMAIN : Name.root;
  }

  /**
   * A name that has others below it exists, without anything of its own: {@code svc} and {@code
   * pod} of the domain, and namespaces below them in which there is anything. Others do not: musl
   * goes on to the next search domain only after a name that does not exist.
   */
  private boolean branch(Name name, Set<String> networks) {
    int below = name.labels() - DOMAIN.labels();
    return switch (below) {
      case 0 -> true;
      case 1 -> isOfKind(name.getLabelString(0));
      case 2 -> isOfKind(name.getLabelString(1)) && hasOthersBelow(text(name), networks);
      default -> false;
    };
  }

  private static boolean isOfKind(String label) {
    return label.equalsIgnoreCase("svc") || label.equalsIgnoreCase("pod");
  }

  private boolean hasOthersBelow(String name, Set<String> networks) {
    return table.services().hasBelow(name) || table.hasBelow(networks, name);
  }

  private static List<Record> records(Record question, List<InetAddress> addresses) {
    List<Record> records = new ArrayList<>();
    for (InetAddress address : addresses) {
      boolean ipv4 = address instanceof Inet4Address;
      int type = ipv4 ? Type.A : Type.AAAA;
      if (question.getType() == type || question.getType() == Type.ANY) {
        records.add(
            ipv4
                ? new ARecord(question.getName(), DClass.IN, TTL, address)
                : new AAAARecord(question.getName(), DClass.IN, TTL, address));
      }
    }
    return records;
  }

  private static boolean reverse(Name name) {
    int labels = name.labels();
    return labels >= 3
        && name.getLabelString(labels - 2).equalsIgnoreCase("arpa")
        && Set.of("in-addr", "ip6")
            .contains(name.getLabelString(labels - 3).toLowerCase(Locale.ROOT));
  }

  private Optional<Message> pointer(Message query, Record question, Set<String> networks) {
    Optional<InetAddress> address = address(question.getName());
    Optional<String> service = address.flatMap(table.services()::name);
    if (service.isPresent()) {
      return Optional.of(pointer(query, question, service.get(), Name.root));
    }
    Optional<Cidr> subnet = address.flatMap(table::subnet);
    if (address.isEmpty() || subnet.isEmpty()) {
      return Optional.empty();
    }
    Name zone = zone(subnet.get());
    Optional<String> holder = table.name(networks, address.get());
    if (holder.isEmpty()) {
      return Optional.of(unknown(query, zone));
    }
    return Optional.of(pointer(query, question, holder.get(), zone));
  }

  private static Message pointer(Message query, Record question, String holder, Name zone) {
    boolean asked = question.getType() == Type.PTR || question.getType() == Type.ANY;
    Record pointer = new PTRRecord(question.getName(), DClass.IN, TTL, absolute(holder));
    return answer(query, asked ? List.of(pointer) : List.of(), zone);
  }

  /** Empty for names of less than a whole address. */
  private static Optional<InetAddress> address(Name name) {
    try {
      return Optional.of(ReverseMap.fromName(name));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** Of the whole octets (IPv4) or digits (IPv6) of a subnet. */
  private static Name zone(Cidr subnet) {
    Name whole = ReverseMap.fromAddress(subnet.network().address());
    int bitsPerLabel = subnet.ipv4() ? 8 : 4;
    int all = subnet.ipv4() ? 32 : 128;
    return new Name(whole, (all - subnet.prefix() + bitsPerLabel - 1) / bitsPerLabel);
  }

  private static Name absolute(String name) {
    try {
      return Name.fromString(name, Name.root);
    } catch (TextParseException e) {
      throw new IllegalStateException("a name of a sandbox: " + name, e);
    }
  }

  private static Message answer(Message query, List<Record> records, Name zone) {
    Message answer = reply(query, Rcode.NOERROR);
    answer.getHeader().setFlag(Flags.AA);
    records.forEach(record -> answer.addRecord(record, Section.ANSWER));
    if (records.isEmpty()) {
      answer.addRecord(soa(zone), Section.AUTHORITY);
    }
    return answer;
  }

  private static Message unknown(Message query, Name zone) {
    Message answer = reply(query, Rcode.NXDOMAIN);
    answer.getHeader().setFlag(Flags.AA);
    answer.addRecord(soa(zone), Section.AUTHORITY);
    return answer;
  }

  /** Says for how long there is no such name: as long as there would be one. */
  private static Record soa(Name zone) {
    return new SOARecord(zone, DClass.IN, TTL, SERVER, MAILBOX, 1, 7200, 1800, 86_400, TTL);
  }

  private static Verdict refusal(Message query, int rcode) {
    return new Verdict.Answer(reply(query, rcode));
  }

  /** A head with nothing but the question in it. */
  static Message reply(Message query, int rcode) {
    Header asked = query.getHeader();
    Message reply = new Message(asked.getID());
    Header header = reply.getHeader();
    header.setOpcode(asked.getOpcode());
    header.setFlag(Flags.QR);
    header.setFlag(Flags.RA);
    if (asked.getFlag(Flags.RD)) {
      header.setFlag(Flags.RD);
    }
    header.setRcode(rcode & 0xF);
    Record question = query.getQuestion();
    if (question != null) {
      reply.addRecord(question, Section.QUESTION);
    }
    if (query.getOPT() != null) {
      reply.addRecord(new OPTRecord(EDNS_PAYLOAD, rcode >> 4, 0), Section.ADDITIONAL);
    }
    return reply;
  }

  /** Bytes that an answer by UDP may have. */
  static int limit(Message query) {
    OPTRecord edns = query.getOPT();
    return edns == null ? 512 : Math.clamp(edns.getPayloadSize(), 512, EDNS_PAYLOAD);
  }
}
