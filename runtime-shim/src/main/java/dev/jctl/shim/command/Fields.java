package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An object of a JSON document, whose fields are read by name; errors tell their path. Without
 * switches over types: at each start of a command the JVM would write their code first.
 */
final class Fields {
  private final String path;
  private final Map<?, ?> values;

  private Fields(String path, Map<?, ?> values) {
    this.path = path;
    this.values = values;
  }

  static Fields of(String what, @Nullable Object tree) {
    if (!(tree instanceof Map<?, ?> object)) {
      throw new RuntimeFailure(Reason.INVALID, what + " must be a JSON object");
    }
    return new Fields("", object);
  }

  /** What is wrong with a field, and where it is. */
  RuntimeFailure invalid(String name, String what) {
    return new RuntimeFailure(Reason.INVALID, at(name) + ": " + what);
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  /** An empty list or object, an empty text, zero and false ask for nothing. */
  void refuse(String... names) {
    for (String name : names) {
      Object value = values.get(name);
      boolean asksForNothing =
          value == null
              || (value instanceof Map<?, ?> object && object.isEmpty())
              || (value instanceof List<?> array && array.isEmpty())
              || (value instanceof String text && text.isEmpty())
              || (value instanceof Number number && number.longValue() == 0)
              || (value instanceof Boolean flag && !flag);
      if (!asksForNothing) {
        throw invalid(name, "is not supported by this runtime; leave it out");
      }
    }
  }

  @Nullable String text(String name) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof String text && text.indexOf('\0') < 0) {
      return text;
    }
    throw invalid(name, "must be a text without NUL");
  }

  String requiredText(String name) {
    String text = text(name);
    if (text == null || text.isEmpty()) {
      throw invalid(name, "is required");
    }
    return text;
  }

  /** A text that is one of these. */
  String oneOf(String name, List<String> known) {
    String text = requiredText(name);
    if (!known.contains(text)) {
      throw invalid(name, "is " + text + ", but must be one of " + String.join(", ", known));
    }
    return text;
  }

  /** Texts of which each is one of these. */
  List<String> someOf(String name, List<String> known) {
    List<String> texts = texts(name);
    for (String text : texts) {
      if (!known.contains(text)) {
        throw invalid(name, "has " + text + ", but each is one of " + String.join(", ", known));
      }
    }
    return texts;
  }

  boolean flag(String name) {
    Object value = values.get(name);
    if (value == null || value instanceof Boolean) {
      return Boolean.TRUE.equals(value);
    }
    throw invalid(name, "must be true or false");
  }

  /** Signed, or unsigned with 64 bits. */
  @Nullable Long number(String name) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    boolean fits =
        value instanceof Integer
            || value instanceof Long
            || (value instanceof BigInteger large && large.signum() > 0 && large.bitLength() <= 64);
    if (fits && value instanceof Number number) {
      return number.longValue();
    }
    throw invalid(name, "must be a whole number of at most 64 bits");
  }

  @Nullable Integer number(String name, long least, long most) {
    Long number = number(name);
    if (number == null) {
      return null;
    }
    if (number < least || number > most) {
      throw invalid(name, "must be from " + least + " to " + most);
    }
    return number.intValue();
  }

  /** An id of 32 bits, as the kernel has it. */
  int id(String name) {
    Integer id = number(name, 0, 0xffff_fffeL);
    return id == null ? 0 : id;
  }

  long requiredNumber(String name) {
    Long number = number(name);
    if (number == null) {
      throw invalid(name, "is required");
    }
    return number;
  }

  Optional<Fields> object(String name) {
    Object value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Map<?, ?> object) {
      return Optional.of(new Fields(at(name), object));
    }
    throw invalid(name, "must be an object");
  }

  Fields requiredObject(String name) {
    return object(name).orElseThrow(() -> invalid(name, "is required"));
  }

  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    List<?> array = list(name);
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof Map<?, ?> object)) {
        throw invalid(name + "[" + i + "]", "must be an object");
      }
      objects.add(new Fields(at(name) + "[" + i + "]", object));
    }
    return objects;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    List<?> array = list(name);
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof String text)) {
        throw invalid(name + "[" + i + "]", "must be a text");
      }
      if (text.indexOf('\0') >= 0) {
        throw invalid(name + "[" + i + "]", "must not contain NUL");
      }
      texts.add(text);
    }
    return texts;
  }

  List<Integer> ids(String name) {
    List<Integer> ids = new ArrayList<>();
    List<?> array = list(name);
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof Number number)
          || number.longValue() < 0
          || number.longValue() > 0xffff_fffeL) {
        throw invalid(name + "[" + i + "]", "must be an id of 32 bits");
      }
      ids.add((int) number.longValue());
    }
    return ids;
  }

  private List<?> list(String name) {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> array) {
      return array;
    }
    throw invalid(name, "must be a list");
  }

  /** An object of objects. */
  Map<String, Fields> objectMap(String name) {
    Map<String, Fields> objects = new LinkedHashMap<>();
    object(name)
        .ifPresent(
            map ->
                map.values.forEach(
                    (key, value) ->
                        map.object(String.valueOf(key))
                            .ifPresent(fields -> objects.put(String.valueOf(key), fields))));
    return objects;
  }

  Map<String, String> textMap(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    object(name)
        .ifPresent(
            map ->
                map.values.forEach(
                    (key, value) -> {
                      if (!(value instanceof String text)) {
                        throw map.invalid(String.valueOf(key), "must be a text");
                      }
                      texts.put(String.valueOf(key), text);
                    }));
    return texts;
  }
}
