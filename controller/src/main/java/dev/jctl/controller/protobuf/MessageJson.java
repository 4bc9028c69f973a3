package dev.jctl.controller.protobuf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Messages of Kubernetes to JSON. Fields have the same names in both, but some JSON has a message's
 * fields in place of the message, and some messages are values there.
 *
 * <p>Go writes fields that are no pointers even when they are empty, and JSON leaves them out: so
 * here too. Where zero is a value of its own the field is a pointer in Go, and kept.
 */
final class MessageJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Embedded in Go. */
  private static final Set<String> INLINED =
      Set.of(
          "volumeSource",
          "persistentVolumeSource",
          "handler",
          "localObjectReference",
          "ephemeralContainerCommon");

  /** Integers that are pointers in Go. */
  private static final Set<String> ZERO_IS_A_VALUE =
      Set.of(
          "runAsUser",
          "runAsGroup",
          "fsGroup",
          "terminationGracePeriodSeconds",
          "activeDeadlineSeconds",
          "gracePeriodSeconds",
          "deletionGracePeriodSeconds",
          "tolerationSeconds",
          "priority",
          "replicas",
          "revisionHistoryLimit",
          "progressDeadlineSeconds",
          "parallelism",
          "completions",
          "backoffLimit",
          "ttlSecondsAfterFinished",
          "successfulJobsHistoryLimit",
          "failedJobsHistoryLimit",
          "leaseTransitions",
          "startingDeadlineSeconds",
          "defaultMode",
          "mode");

  /** Go reads a {@code MicroTime} with six digits after the point and with no other number. */
  private static final DateTimeFormatter MICROSECONDS =
      new DateTimeFormatterBuilder().appendInstant(6).toFormatter(Locale.ROOT);

  private MessageJson() {}

  static ObjectNode of(Message message) throws InvalidProtocolBufferException {
    ObjectNode object = NODES.objectNode();
    for (var entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (INLINED.contains(field.getName())) {
        object.setAll(of((Message) entry.getValue()));
      } else {
        JsonNode value = value(field, entry.getValue());
        if (!isEmpty(field, value)) {
          // written otherwise in BoundObjectReference alone
          object.set(field.getName().equals("uID") ? "uid" : field.getName(), value);
        }
      }
    }
    return object;
  }

  private static boolean isEmpty(FieldDescriptor field, JsonNode value) {
    return value.isNull()
        || (value.isTextual() && value.textValue().isEmpty())
        || (value.isIntegralNumber()
            && value.longValue() == 0
            && !ZERO_IS_A_VALUE.contains(field.getName()));
  }

  private static JsonNode value(FieldDescriptor field, Object value)
      throws InvalidProtocolBufferException {
    if (!field.isRepeated()) {
      return single(field, value);
    }
    if (field.isMapField()) {
      return map((List<?>) value);
    }
    ArrayNode array = NODES.arrayNode();
    for (Object item : (List<?>) value) {
      array.add(single(field, item));
    }
    return array;
  }

  private static ObjectNode map(List<?> entries) throws InvalidProtocolBufferException {
    ObjectNode object = NODES.objectNode();
    for (Object entry : entries) {
      Message pair = (Message) entry;
      List<FieldDescriptor> fields = pair.getDescriptorForType().getFields();
      FieldDescriptor value = fields.get(1);
      object.set(String.valueOf(pair.getField(fields.get(0))), single(value, pair.getField(value)));
    }
    return object;
  }

  private static JsonNode single(FieldDescriptor field, Object value)
      throws InvalidProtocolBufferException {
    return switch (field.getJavaType()) {
      case STRING -> NODES.textNode((String) value);
      case INT -> NODES.numberNode((Integer) value);
      case LONG -> NODES.numberNode((Long) value);
      case FLOAT -> NODES.numberNode((Float) value);
      case DOUBLE -> NODES.numberNode((Double) value);
      case BOOLEAN -> NODES.booleanNode((Boolean) value);
      // a text, as in JSON: what is read of a BinaryNode is not what is read back of it
      case BYTE_STRING ->
          NODES.textNode(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case ENUM -> NODES.textNode(value.toString());
      case MESSAGE -> message((Message) value);
    };
  }

  private static JsonNode message(Message message) throws InvalidProtocolBufferException {
    return switch (message.getDescriptorForType().getName()) {
      case "Quantity" -> NODES.textNode(text(message, "string"));
      case "Time", "Timestamp" -> time(message, DateTimeFormatter.ISO_INSTANT);
      case "MicroTime" -> time(message, MICROSECONDS);
      case "IntOrString" ->
          number(message, "type") == 0
              ? NODES.numberNode(number(message, "intVal"))
              : NODES.textNode(text(message, "strVal"));
      // a list by another name
      case "ExtraValue" -> of(message).withArray("items");
      case "FieldsV1" -> json(message, "Raw");
      case "RawExtension" -> json(message, "raw");
      default -> of(message);
    };
  }

  private static JsonNode time(Message message, DateTimeFormatter format) {
    Object seconds = field(message, "seconds");
    Object nanos = field(message, "nanos");
    boolean unset = message.getAllFields().isEmpty();
    return unset
        ? NODES.nullNode()
        : NODES.textNode(
            format.format(Instant.ofEpochSecond((Long) seconds, ((Number) nanos).longValue())));
  }

  private static JsonNode json(Message message, String name) throws InvalidProtocolBufferException {
    try {
      byte[] raw = ((ByteString) field(message, name)).toByteArray();
      return raw.length == 0 ? NODES.nullNode() : MAPPER.readTree(raw);
    } catch (JsonProcessingException e) {
      throw new InvalidProtocolBufferException(name + " holds no JSON: " + e.getOriginalMessage());
    } catch (java.io.IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  private static String text(Message message, String name) {
    return String.valueOf(field(message, name));
  }

  private static int number(Message message, String name) {
    return ((Number) field(message, name)).intValue();
  }

  private static Object field(Message message, String name) {
    return message.getField(message.getDescriptorForType().findFieldByName(name));
  }
}
