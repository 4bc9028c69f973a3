package dev.jctl.controller.sops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The values of a file of SOPS, each sealed with AES-256-GCM and bound to its path, and the hash of
 * them all. One thread, one file.
 */
final class SopsValues {
  private static final Pattern SEALED =
      Pattern.compile("ENC\\[AES256_GCM,data:(.*),iv:(.+),tag:(.+),type:(\\w+)\\]");
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final boolean onlySealed;
  private final MessageDigest hash;

  /** {@code onlySealed}: whether other values do not count for the hash. */
  SopsValues(byte[] key, boolean onlySealed) throws GeneralSecurityException {
    this.key = new SecretKeySpec(key, "AES");
    this.onlySealed = onlySealed;
    this.hash = MessageDigest.getInstance("SHA-512");
    if (onlySealed) { // so that it is another hash than without
      hash.update(
          MessageDigest.getInstance("SHA-256").digest("sops".getBytes(StandardCharsets.US_ASCII)));
    }
  }

  /** In the order of the text; {@code path}: each step with a colon behind it. */
  JsonNode open(JsonNode node, String path) throws GeneralSecurityException {
    if (node instanceof ObjectNode object) {
      ObjectNode opened = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        opened.set(field.getKey(), open(field.getValue(), path + field.getKey() + ":"));
      }
      return opened;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode opened = JsonNodeFactory.instance.arrayNode();
      for (JsonNode item : array) {
        opened.add(open(item, path)); // SOPS does not count the items of a list
      }
      return opened;
    }
    return leaf(node, path);
  }

  private JsonNode leaf(JsonNode node, String path) throws GeneralSecurityException {
    if (node.isNull()) {
      return node;
    }
    Matcher sealed = SEALED.matcher(node.asText());
    if (!node.isTextual() || !sealed.matches()) {
      if (!onlySealed) {
        hash.update(hashed(node));
      }
      return node;
    }
    JsonNode opened = opened(sealed, path);
    hash.update(hashed(opened));
    return opened;
  }

  private JsonNode opened(Matcher sealed, String path) throws SealedValueException {
    try {
      return typed(text(sealed, path), sealed.group(4));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new SealedValueException(sealed.group(), e);
    }
  }

  /** A value that stands alone, such as the hash of the others. */
  String text(String value, String bound) throws GeneralSecurityException {
    Matcher sealed = SEALED.matcher(value);
    if (!sealed.matches()) {
      throw new GeneralSecurityException("there is no ENC[…]");
    }
    return text(sealed, bound);
  }

  private String text(Matcher sealed, String bound) throws GeneralSecurityException {
    byte[] data = Base64.getDecoder().decode(sealed.group(1));
    byte[] tag = Base64.getDecoder().decode(sealed.group(3));
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        key,
        new GCMParameterSpec(TAG_BITS, Base64.getDecoder().decode(sealed.group(2))));
    cipher.updateAAD(bound.getBytes(StandardCharsets.UTF_8));
    cipher.update(data);
    return new String(cipher.doFinal(tag), StandardCharsets.UTF_8);
  }

  private static JsonNode typed(String text, String type) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (type) {
      case "int" -> nodes.numberNode(Long.parseLong(text));
      case "float" -> nodes.numberNode(Double.parseDouble(text));
      case "bool" -> nodes.booleanNode(Boolean.parseBoolean(text));
      default -> nodes.textNode(text);
    };
  }

  /** As SOPS, which is written in Go, turns them into bytes. */
  private static byte[] hashed(JsonNode node) {
    String text =
        switch (node.getNodeType()) {
          case BOOLEAN -> node.booleanValue() ? "True" : "False";
          case NUMBER ->
              node.isIntegralNumber()
                  ? node.bigIntegerValue().toString()
                  : BigDecimal.valueOf(node.doubleValue()).stripTrailingZeros().toPlainString();
          default -> node.asText();
        };
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Of all that was opened. */
  String hash() {
    return HexFormat.of().withUpperCase().formatHex(hash.digest());
  }
}
