package dev.jctl.manifests.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** What Images are called that are made for a reference. */
public final class ImageNames {
  private static final int MAX_SLUG = 40;
  private static final int HASH_LENGTH = 8;

  private ImageNames() {}

  /** A plain word names an Image object; a reference has a registry, path, tag or digest. */
  public static boolean isReference(String image) {
    return image.indexOf('/') >= 0 || image.indexOf(':') >= 0 || image.indexOf('@') >= 0;
  }

  /** Equal references that are pulled with the same Secrets share an Image of their namespace. */
  public static String of(String reference, List<String> pullSecrets) {
    String slug =
        reference.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String cut = slug.length() <= MAX_SLUG ? slug : slug.substring(0, MAX_SLUG);
    String identity =
        pullSecrets.isEmpty() ? reference : reference + " " + String.join(" ", pullSecrets);
    return cut + "-" + hash(identity).substring(0, HASH_LENGTH);
  }

  /** Of the text in JSON's form, as it has always been. */
  private static String hash(String text) {
    try {
      byte[] json = ("\"" + text + "\"").getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
