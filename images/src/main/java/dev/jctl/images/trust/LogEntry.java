package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a transparency log keeps: that a signature was there at a time.
 *
 * @param time as the log has promised, or where it says none an authority of timestamps
 * @see <a href="https://docs.sigstore.dev/logging/overview/">Rekor</a>
 */
record LogEntry(LogBody body, Instant time) {
  /**
   * @param bundle as cosign annotates it
   */
  static LogEntry parse(String bundle, List<PublicKey> logs) throws Refused {
    JsonCursor root = JsonCursor.parse("bundle", bundle.getBytes(StandardCharsets.UTF_8));
    JsonCursor payload = root.required("Payload");
    return promised(
        payload.required("body").text(),
        payload.required("integratedTime").size(),
        payload.required("logID").text(),
        payload.required("logIndex").size(),
        root.required("SignedEntryTimestamp").text(),
        logs);
  }

  /**
   * The first version of Rekor promises to take a signature in, and when, and may prove that it
   * has; the second one proves it and says no time.
   *
   * @param material of a Sigstore bundle, whose numbers are texts, and 0 where they are left out
   */
  static LogEntry ofBundle(JsonCursor material, byte[] signature, Requirement.Authority authority)
      throws Refused {
    JsonCursor entry = SigstoreBundle.only(material.required("tlogEntries"), "log entry");
    String body = entry.required("canonicalizedBody").text();
    Optional<JsonCursor> proof = entry.field("inclusionProof");
    if (proof.isPresent()) {
      isProved(body, proof.get(), authority.logs());
    }
    Optional<JsonCursor> promise = entry.field("inclusionPromise");
    if (promise.isPresent()) {
      return promised(
          body,
          number(entry, "integratedTime"),
          HexFormat.of().formatHex(base64(entry.required("logId").required("keyId").text())),
          number(entry, "logIndex"),
          promise.get().required("signedEntryTimestamp").text(),
          authority.logs());
    }
    if (proof.isEmpty()) {
      throw new Refused("its log entry has neither a signed entry timestamp nor a proof");
    }
    return new LogEntry(
        LogBody.parse(base64(body)),
        SignedTimestamp.ofBundle(material, signature, authority.timestampers()));
  }

  private static void isProved(String body, JsonCursor proof, List<PublicKey> logs) throws Refused {
    List<byte[]> path = new ArrayList<>();
    for (JsonCursor hash : proof.elements("hashes")) {
      path.add(base64(hash.text()));
    }
    Checkpoint checkpoint =
        Checkpoint.signedBy(logs, proof.required("checkpoint").required("envelope").text());
    if (!new InclusionProof(number(proof, "logIndex"), path).proves(base64(body), checkpoint)) {
      throw new Refused("the proof in its log entry does not lead to what the log has signed");
    }
  }

  private static LogEntry promised(
      String body, long seconds, String logId, long logIndex, String promise, List<PublicKey> logs)
      throws Refused {
    // RFC 8785: names in order, no space; neither base64 nor hex needs an escape
    String canonical =
        "{\"body\":\"%s\",\"integratedTime\":%d,\"logID\":\"%s\",\"logIndex\":%d}"
            .formatted(body, seconds, logId, logIndex);
    if (!SignatureForm.verifies(
        logs, canonical.getBytes(StandardCharsets.UTF_8), base64(promise))) {
      throw new Refused("the policy's log has not promised to keep it");
    }
    return new LogEntry(LogBody.parse(base64(body)), Instant.ofEpochSecond(seconds));
  }

  private static long number(JsonCursor in, String name) {
    return in.field(name).map(text -> Long.parseLong(text.text())).orElse(0L);
  }

  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }
}
