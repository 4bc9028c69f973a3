package dev.jctl.shim.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Parts of specs that most containers have in common, to the byte: each is parsed once, and then
 * there is one of it, however many containers have it. A container's devices, paths, mounts and
 * capabilities are most of its spec.
 */
final class SharedParts extends BeanDeserializerModifier {
  /** Attribute of a reader: the array that it reads from, from its beginning. */
  static final String TEXT = "text";

  @Serial private static final long serialVersionUID = 1L;
  private static final Set<Class<?>> TYPES =
      Set.of(OciSpec.Linux.class, OciSpec.Mount.class, OciSpec.Capabilities.class);

  /** Of a part; what is larger is somebody's own. */
  private static final int MAX_BYTES = 4096;

  /** Of different ones, with {@link #MAX_BYTES} each a bound to what this keeps. */
  private static final int MAX_PARTS = 128;

  private final transient Map<Part, Object> known = new ConcurrentHashMap<>();

  /**
   * @param text its bytes, a character each
   */
  private record Part(Class<?> type, String text) {}

  @Override
  public JsonDeserializer<?> modifyDeserializer(
      DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> usual) {
    return TYPES.contains(bean.getBeanClass())
        ? new Sharing(usual, bean.getBeanClass(), this)
        : usual;
  }

  private Object remember(Part part, Object value) {
    if (known.size() >= MAX_PARTS) {
      known.clear();
    }
    Object earlier = known.putIfAbsent(part, value);
    return earlier == null ? value : earlier;
  }

  private static final class Sharing extends DelegatingDeserializer {
    @Serial private static final long serialVersionUID = 1L;
    private final Class<?> type;
    private final transient SharedParts parts;

    Sharing(JsonDeserializer<?> usual, Class<?> type, SharedParts parts) {
      super(usual);
      this.type = type;
      this.parts = parts;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> usual) {
      return new Sharing(usual, type, parts);
    }

    @Override
    public Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
      long begin = in.currentTokenLocation().getByteOffset();
      if (!(context.getAttribute(TEXT) instanceof byte[] text) || !hasJustBegun(in, begin)) {
        return super.deserialize(in, context);
      }
      in.skipChildren();
      int end = (int) in.currentLocation().getByteOffset();
      int length = end - (int) begin;
      Part part = new Part(type, new String(text, (int) begin, length, ISO_8859_1));
      Object found = parts.known.get(part);
      if (found != null) {
        return found;
      }
      Object parsed = parse(text, (int) begin, length, in, context);
      return length > MAX_BYTES ? parsed : parts.remember(part, parsed);
    }

    /** Whether the parser is where it says, in the text itself and not in a copy of its tokens. */
    private static boolean hasJustBegun(JsonParser in, long begin) {
      return in.hasToken(JsonToken.START_OBJECT)
          && in.currentLocation().getByteOffset() == begin + 1;
    }

    private Object parse(
        byte[] text, int begin, int length, JsonParser outer, DeserializationContext context)
        throws IOException {
      try (JsonParser in = outer.getCodec().getFactory().createParser(text, begin, length)) {
        in.nextToken();
        return super.deserialize(in, context);
      }
    }
  }
}
