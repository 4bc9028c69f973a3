package dev.jctl.controller.sops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.codec.PlainYaml;
import dev.jctl.manifests.codec.YamlText;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** YAML or JSON that SOPS has encrypted. Places in what is decrypted are those of SOPS' order. */
public final class SopsText {
  private static final Pattern METADATA = Pattern.compile("(?m)^(sops:\\s*$|\\s*\"sops\"\\s*:)");
  private static final String FIELD = "sops";

  private SopsText() {}

  public static boolean isEncrypted(String text) {
    return text.contains("ENC[AES256_GCM,") && METADATA.matcher(text).find();
  }

  /**
   * @param source the file's name for messages
   * @throws DecryptionException naming the file and line
   */
  public static String decrypt(String source, String text, List<AgeIdentity> identities) {
    List<JsonNode> documents = PlainYaml.read(source, text);
    JsonNode metadata = documents.getFirst().path(FIELD);
    try {
      byte[] key =
          key(metadata, identities).orElseThrow(() -> noKey(place(source, text, -1), metadata));
      SopsValues values = new SopsValues(key, metadata.path("mac_only_encrypted").asBoolean(false));
      StringBuilder plain = new StringBuilder();
      for (JsonNode document : documents) {
        ((ObjectNode) document).remove(FIELD);
        plain.append(plain.isEmpty() ? "" : "---\n");
        plain.append(YamlText.write(values.open(document, "")));
      }
      String bound = metadata.path("lastmodified").asText();
      check(values.text(metadata.path("mac").asText(), bound), values.hash());
      return plain.toString();
    } catch (SealedValueException e) {
      throw bad(source, text, text.indexOf(e.value()), e);
    } catch (GeneralSecurityException | IllegalArgumentException | ClassCastException e) {
      throw bad(source, text, -1, e);
    }
  }

  /** {@code at}: where in the text; less than 0: all of it. */
  private static DecryptionException bad(String source, String text, int at, Exception e) {
    return new DecryptionException(
        place(source, text, at)
            + ": SOPS: not as it was encrypted, or for another key: "
            + e.getMessage(),
        e);
  }

  /** What is wrong with all of a file is so where SOPS has noted what it did. */
  private static String place(String source, String text, int at) {
    Matcher metadata = METADATA.matcher(text);
    int where = at >= 0 ? at : metadata.find() ? text.indexOf(FIELD, metadata.start()) : 0;
    return source + ":" + (1 + text.substring(0, where).chars().filter(c -> c == '\n').count());
  }

  private static Optional<byte[]> key(JsonNode metadata, List<AgeIdentity> identities)
      throws GeneralSecurityException {
    for (JsonNode recipient : metadata.path("age")) {
      Optional<byte[]> key = AgeFile.parse(recipient.path("enc").asText()).open(identities);
      if (key.isPresent()) {
        return key;
      }
    }
    return Optional.empty();
  }

  private static DecryptionException noKey(String place, JsonNode metadata) {
    List<String> recipients = metadata.path("age").findValuesAsText("recipient");
    return new DecryptionException(
        place
            + ": SOPS: "
            + (recipients.isEmpty()
                ? "encrypted for no age key; only those are supported"
                : "encrypted for "
                    + String.join(", ", recipients)
                    + ", of which none is in"
                    + " spec.decryption"));
  }

  private static void check(String claimed, String computed) throws GeneralSecurityException {
    if (!MessageDigest.isEqual(
        claimed.getBytes(StandardCharsets.US_ASCII),
        computed.getBytes(StandardCharsets.US_ASCII))) {
      throw new GeneralSecurityException("its values were changed after it was encrypted");
    }
  }
}
