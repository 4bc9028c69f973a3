package dev.jctl.shim.dns;

import dev.jctl.shim.dns.NameTable.Asker;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.spec.NameService;
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
  }

  private final NameTable table;

  Answers(NameTable table) {
    this.table = table;
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
    return known(query, question, asker.get().networks())
        .map(Verdict.Answer::new)
        .<Verdict>map(answer -> answer)
        .orElseGet(
            () -> asker.get().outward() ? new Verdict.Forward() : refusal(query, Rcode.REFUSED));
  }

  /** Empty when the name is none of ours. */
  private Optional<Message> known(Message query, Record question, Set<String> networks) {
    Name name = question.getName();
    if (reverse(name)) {
      return pointer(query, question, networks);
    }
    List<InetAddress> addresses = new ArrayList<>(table.addresses(networks, text(name)));
    if (!addresses.isEmpty()) {
      Collections.rotate(addresses, query.getHeader().getID() % addresses.size());
      return Optional.of(answer(query, records(question, addresses), zone(name)));
    }
    if (name.subdomain(DOMAIN)) {
      return Optional.of(
          name.equals(DOMAIN) && question.getType() == Type.SOA
              ? answer(query, List.of(soa(DOMAIN)), DOMAIN)
              : branch(name) ? answer(query, List.of(), DOMAIN) : unknown(query, DOMAIN));
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
   * pod} of the domain, and namespaces below them.
   */
  private static boolean branch(Name name) {
    int below = name.labels() - DOMAIN.labels();
    if (below == 0) {
      return true;
    }
    String kind = name.getLabelString(below - 1).toLowerCase(Locale.ROOT);
    return below <= 2 && (kind.equals("svc") || kind.equals("pod"));
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
    Optional<Cidr> subnet = address.flatMap(table::subnet);
    if (address.isEmpty() || subnet.isEmpty()) {
      return Optional.empty();
    }
    Name zone = zone(subnet.get());
    Optional<String> holder = table.name(networks, address.get());
    if (holder.isEmpty()) {
      return Optional.of(unknown(query, zone));
    }
    boolean asked = question.getType() == Type.PTR || question.getType() == Type.ANY;
    Record pointer = new PTRRecord(question.getName(), DClass.IN, TTL, absolute(holder.get()));
    return Optional.of(answer(query, asked ? List.of(pointer) : List.of(), zone));
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
