package dev.jctl.images.registry;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.RegistryLocation.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors, insecure and blocked registries: what containers-registries.conf(5) calls {@code
 * [[registry]]}, with the same names, in JSON; and {@code ca}, which is a file elsewhere
 * (containers-certs.d(5)). Pure but for {@link #read}.
 */
public final class RegistriesConfig {
  static final RegistriesConfig NONE = new RegistriesConfig("", List.of());

  private static final Set<String> RULE_FIELDS =
      Set.of("prefix", "location", "insecure", "ca", "blocked", "mirror");
  private static final Set<String> MIRROR_FIELDS = Set.of("location", "insecure", "ca");
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String file;
  private final List<Rule> rules;

  /**
   * @param prefix {@code host[:port][/path]}, or {@code *.domain}
   * @param location in the place of the prefix
   */
  private record Rule(
      String prefix, String location, Trust trust, boolean blocked, List<Mirror> mirrors) {
    boolean matches(ImageReference image) {
      if (prefix.startsWith("*.")) {
        return image.registry().endsWith(prefix.substring(1));
      }
      return (image.name() + "/").startsWith(prefix + "/");
    }

    /** What of the name follows the prefix, with its slash. */
    String rest(ImageReference image) {
      return prefix.startsWith("*.")
          ? "/" + image.repository()
          : image.name().substring(prefix.length());
    }
  }

  private record Mirror(String location, Trust trust) {}

  /** Whom it is believed to be: any certificate, or those of the authorities in a file. */
  private record Trust(Security security, @Nullable Path authority) {}

  private RegistriesConfig(String file, List<Rule> rules) {
    this.file = file;
    this.rules =
        rules.stream()
            .sorted(Comparator.comparingInt((Rule rule) -> rule.prefix().length()).reversed())
            .toList();
  }

  /**
   * No file is no rules.
   *
   * @throws ImageException BAD_CONFIGURATION, naming the file and what is wrong in it
   */
  public static RegistriesConfig read(Path file) {
    try {
      return parse(file.toString(), Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return NONE;
    } catch (IOException e) {
      throw bad(file + " cannot be read: " + e.getMessage());
    }
  }

  static RegistriesConfig parse(String file, byte[] content) {
    JsonNode root;
    try {
      root = MAPPER.readTree(content);
    } catch (JsonProcessingException e) {
      throw bad("%s:%d: not valid JSON: %s".formatted(file, line(e), e.getOriginalMessage()));
    } catch (IOException e) {
      throw bad(file + ": not valid JSON");
    }
    Reader reader = new Reader(file);
    reader.fields("$", root, Set.of("registry"));
    List<Rule> rules = new ArrayList<>();
    for (JsonNode rule : reader.list("$.registry", root.path("registry"))) {
      rules.add(reader.rule("$.registry[" + rules.size() + "]", rule));
    }
    return new RegistriesConfig(file, rules);
  }

  private static int line(JacksonException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getLineNr();
  }

  private static ImageException bad(String message) {
    return new ImageException(Reason.BAD_CONFIGURATION, message);
  }

  /**
   * @throws ImageException BLOCKED
   */
  RegistryRoute route(ImageReference image) {
    Optional<Rule> found = rules.stream().filter(rule -> rule.matches(image)).findFirst();
    if (found.isEmpty()) {
      return new RegistryRoute(
          List.of(), new RegistryLocation(image.registry(), image.repository(), Security.REQUIRED));
    }
    Rule rule = found.get();
    if (rule.blocked()) {
      throw new ImageException(
          Reason.BLOCKED, "%s: %s blocks %s".formatted(image, file, rule.prefix()));
    }
    String origin = rule.location().isEmpty() ? image.name() : rule.location() + rule.rest(image);
    return new RegistryRoute(
        rule.mirrors().stream()
            .map(mirror -> location(mirror.location() + rule.rest(image), mirror.trust()))
            .toList(),
        location(origin, rule.trust()));
  }

  private static RegistryLocation location(String name, Trust trust) {
    int slash = name.indexOf('/');
    return new RegistryLocation(
        name.substring(0, slash), name.substring(slash + 1), trust.security(), trust.authority());
  }

  /** Takes documents apart, and says where they are wrong. */
  private record Reader(String file) {
    Rule rule(String path, JsonNode node) {
      fields(path, node, RULE_FIELDS);
      String location = location(path + ".location", node.path("location"));
      String prefix = node.has("prefix") ? text(path + ".prefix", node.path("prefix")) : location;
      if (prefix.isEmpty()) {
        throw wrong(path, "needs a prefix or a location");
      }
      if (!prefix.startsWith("*.")) {
        checkName(path + ".prefix", prefix);
      }
      List<Mirror> mirrors = new ArrayList<>();
      for (JsonNode mirror : list(path + ".mirror", node.path("mirror"))) {
        String at = path + ".mirror[" + mirrors.size() + "]";
        fields(at, mirror, MIRROR_FIELDS);
        String where = location(at + ".location", mirror.path("location"));
        if (where.isEmpty()) {
          throw wrong(at, "needs a location");
        }
        mirrors.add(new Mirror(where, trust(at, mirror)));
      }
      return new Rule(prefix, location, trust(path, node), flag(path, node, "blocked"), mirrors);
    }

    private Trust trust(String path, JsonNode node) {
      boolean waived = flag(path, node, "insecure");
      if (!node.has("ca")) {
        return new Trust(waived ? Security.WAIVED : Security.REQUIRED, null);
      }
      String at = path + ".ca";
      Path authority = Path.of(text(at, node.path("ca")));
      if (waived) {
        throw wrong(at, "insecure takes any certificate; remove one of the two");
      }
      if (!authority.isAbsolute()) {
        throw wrong(at, "expected an absolute path, found \"" + authority + "\"");
      }
      return new Trust(Security.REQUIRED, authority);
    }

    private boolean flag(String path, JsonNode node, String name) {
      JsonNode flag = node.path(name);
      if (!flag.isMissingNode() && !flag.isBoolean()) {
        throw wrong(path + "." + name, "expected true or false");
      }
      return flag.asBoolean();
    }

    /** A host with perhaps a port and a path. Empty when it is not there. */
    private String location(String path, JsonNode node) {
      String location = node.isMissingNode() ? "" : text(path, node);
      if (!location.isEmpty()) {
        checkName(path, location);
      }
      return location;
    }

    private void checkName(String path, String name) {
      try {
        ImageReference.parse(name.indexOf('/') < 0 ? name + "/x" : name);
      } catch (ImageException e) {
        throw wrong(path, "expected HOST[:PORT][/PATH], found \"" + name + "\"");
      }
    }

    private String text(String path, JsonNode node) {
      if (!node.isTextual()) {
        throw wrong(path, "expected a string");
      }
      return node.textValue().replaceFirst("/+$", "");
    }

    JsonNode list(String path, JsonNode node) {
      if (!node.isMissingNode() && !node.isArray()) {
        throw wrong(path, "expected a list");
      }
      return node;
    }

    void fields(String path, JsonNode node, Set<String> known) {
      if (!node.isObject()) {
        throw wrong(path, "expected an object");
      }
      node.fieldNames()
          .forEachRemaining(
              name -> {
                if (!known.contains(name)) {
                  throw wrong(
                      path,
                      "unknown field \""
                          + name
                          + "\"; known are "
                          + known.stream().sorted().toList());
                }
              });
    }

    private ImageException wrong(String path, String what) {
      return bad(file + ": " + path + ": " + what);
    }
  }
}
