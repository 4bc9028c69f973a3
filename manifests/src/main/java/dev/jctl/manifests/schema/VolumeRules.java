package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Volumes and their snapshots. */
final class VolumeRules {
  private static final List<String> SOURCES = List.of("archive", "snapshot", "volume");

  /** Drivers with a field of their own, which has their name. */
  private static final List<String> OWN = List.of("image", "nfs", "plugin");

  /** What those cannot have that keep nothing on this machine. */
  private static final Map<String, List<String>> NOT_ELSEWHERE =
      Map.of(
          "image",
          List.of("capacity", "source"),
          "nfs",
          List.of("capacity", "source"),
          "plugin",
          List.of("source"));

  private static final Pattern SERVER = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.:_-]{0,252})");
  private static final Pattern MOUNT_OPTIONS =
      Pattern.compile("[a-z0-9_]+(=[\\w.:/-]+)?(,[a-z0-9_]+(=[\\w.:/-]+)?)*");
  private static final BigDecimal SMALLEST_DISK = BigDecimal.valueOf(8 << 20);

  private VolumeRules() {}

  static void check(JsonNode spec, Findings findings) {
    JsonNode capacity = spec.path("capacity");
    Quantities.parse(capacity.asText())
        .filter(bytes -> bytes.signum() <= 0)
        .ifPresent(
            bytes -> findings.invalid("spec.capacity", capacity.asText(), "more than 0 bytes"));
    if (spec.path("driver").asText().equals("disk")) {
      disk(capacity, findings);
    }
    source(spec, findings);
    driver(spec, findings);
    modes("spec", spec, findings);
  }

  /** What is of one driver is given for that one, and for no other. */
  private static void driver(JsonNode spec, Findings findings) {
    String driver = spec.path("driver").asText("local");
    for (String own : OWN) {
      boolean given = spec.hasNonNull(own);
      if (given && !driver.equals(own)) {
        findings.add(
            "spec." + own,
            FieldError.Type.FORBIDDEN,
            "is of driver " + own + ", and driver is " + driver + "; remove one of the two");
      } else if (!given && driver.equals(own)) {
        findings.add("spec." + own, FieldError.Type.REQUIRED, "missing: driver is " + own);
      }
    }
    for (String field : NOT_ELSEWHERE.getOrDefault(driver, List.of())) {
      if (spec.hasNonNull(field)) {
        findings.add(
            "spec." + field,
            FieldError.Type.FORBIDDEN,
            "driver " + driver + " keeps nothing here that could have one; remove it");
      }
    }
    image("spec", spec, "image", findings);
    nfs("spec.nfs", spec.path("nfs"), findings);
    Findings.text(spec.path("plugin"), "name")
        .filter(name -> !Names.isLabel(name))
        .ifPresent(
            name ->
                findings.invalid(
                    "spec.plugin.name", name, "the name of a plug-in: " + Names.LABEL));
  }

  /** An Image by name or reference, as containers have them. */
  static void image(String path, JsonNode object, String field, Findings findings) {
    if (object.isObject() && path.endsWith(".image") && !object.hasNonNull(field)) {
      findings.add(
          FieldPath.child(path, field),
          FieldError.Type.REQUIRED,
          "missing: the name of an Image, or " + Names.REFERENCE);
    }
    Findings.text(object, field)
        .filter(name -> !Names.isReference(name))
        .ifPresent(
            name ->
                findings.invalid(
                    FieldPath.child(path, field),
                    name,
                    "the name of an Image, or " + Names.REFERENCE));
  }

  static void nfs(String path, JsonNode nfs, Findings findings) {
    findings.absolutePath(path, nfs, "path");
    Findings.text(nfs, "server")
        .filter(server -> !SERVER.matcher(server).matches())
        .ifPresent(
            server ->
                findings.invalid(
                    FieldPath.child(path, "server"), server, "a host name or an address"));
    Findings.text(nfs, "options")
        .filter(options -> !MOUNT_OPTIONS.matcher(options).matches())
        .ifPresent(
            options ->
                findings.invalid(
                    FieldPath.child(path, "options"),
                    options,
                    "options of mount.nfs with commas between, such as vers=4.2,soft"));
  }

  static void modes(String path, JsonNode spec, Findings findings) {
    JsonNode modes = spec.path("accessModes");
    boolean onePod = modes.valueStream().anyMatch(m -> m.asText().equals("ReadWriteOncePod"));
    if (onePod && modes.size() > 1) {
      findings.add(
          path + ".accessModes",
          FieldError.Type.INVALID,
          "ReadWriteOncePod is for one Pod alone: it cannot stand beside other modes");
    }
  }

  private static void disk(JsonNode capacity, Findings findings) {
    if (capacity.isMissingNode()) {
      findings.add(
          "spec.capacity", FieldError.Type.REQUIRED, "missing: a disk has one, such as 1Gi");
    }
    Quantities.parse(capacity.asText())
        .filter(bytes -> bytes.signum() > 0 && bytes.compareTo(SMALLEST_DISK) < 0)
        .ifPresent(
            bytes ->
                findings.invalid(
                    "spec.capacity", capacity.asText(), "at least 8Mi, as driver is disk"));
  }

  private static void source(JsonNode spec, Findings findings) {
    JsonNode source = spec.path("source");
    if (!source.isObject()) {
      return;
    }
    List<String> given = Findings.present(source);
    if (given.size() != 1) {
      findings.add(
          "spec.source",
          FieldError.Type.INVALID,
          "expected exactly one of "
              + String.join(", ", SOURCES)
              + "; found "
              + (given.isEmpty() ? "none" : String.join(", ", given)));
    }
    label(source, "spec.source.snapshot", "snapshot", "VolumeSnapshot", findings);
    label(source, "spec.source.volume", "volume", "Volume", findings);
    findings.absolutePath("spec.source", source, "archive");
  }

  static void checkSnapshot(JsonNode spec, Findings findings) {
    label(spec, "spec.volume", "volume", "Volume", findings);
    findings.absolutePath("spec", spec, "archive");
    JsonNode hook = spec.path("hook");
    if (hook.isObject() && hook.path("before").isEmpty() && hook.path("after").isEmpty()) {
      findings.add(
          "spec.hook.before",
          FieldError.Type.REQUIRED,
          "missing: a hook has a command before or after the copy");
    }
  }

  private static void label(
      JsonNode object, String path, String field, String kind, Findings findings) {
    Findings.text(object, field)
        .filter(name -> !Names.isLabel(name))
        .ifPresent(
            name -> findings.invalid(path, name, "the name of a " + kind + ": " + Names.LABEL));
  }
}
