package dev.jctl.shim.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * Jackson for the runtime's records. Mix-ins keep the records themselves free of it. Fields that a
 * reader does not know are skipped, so that an older shim reads what a newer one left on disk.
 */
public final class RuntimeJson {
  private RuntimeJson() {}

  /** The same reader of that text: parts that it shares with earlier texts become the same. */
  public static ObjectReader sharing(ObjectReader reader, byte[] text) {
    return reader.withAttribute(SharedParts.TEXT, text);
  }

  public static ObjectMapper mapper() {
    return JsonMapper.builder()
        .addModule(times())
        .addModule(new SimpleModule("parts").setDeserializerModifier(new SharedParts()))
        .addMixIn(ContainerSpec.Source.class, SourceTypes.class)
        .addMixIn(VolumeSource.class, VolumeSourceTypes.class)
        .addMixIn(VolumeSpec.Backend.class, BackendTypes.class)
        .addMixIn(Observed.State.class, StateTypes.class)
        .addMixIn(OciSpec.Mount.class, Filled.class)
        .addMixIn(OciSpec.Linux.class, Filled.class)
        .addMixIn(OciSpec.Resources.class, Filled.class)
        .addMixIn(RuntimeEvent.class, EventTypes.class)
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .build();
  }

  /** Of whose many lists most are empty. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private interface Filled {}

  private static SimpleModule times() {
    return new SimpleModule("times")
        .addSerializer(Instant.class, new ToText<>(Instant.class))
        .addDeserializer(Instant.class, new FromText<>(Instant.class, Instant::parse))
        .addSerializer(Duration.class, new ToText<>(Duration.class))
        .addDeserializer(Duration.class, new FromText<>(Duration.class, Duration::parse));
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = ContainerSpec.Source.Volume.class, name = "volume"),
    @JsonSubTypes.Type(value = ContainerSpec.Source.HostPath.class, name = "hostPath"),
    @JsonSubTypes.Type(value = ContainerSpec.Source.Image.class, name = "image")
  })
  private interface SourceTypes {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = VolumeSource.Snapshot.class, name = "snapshot"),
    @JsonSubTypes.Type(value = VolumeSource.Volume.class, name = "volume"),
    @JsonSubTypes.Type(value = VolumeSource.Archive.class, name = "archive"),
    @JsonSubTypes.Type(value = VolumeSource.Layer.class, name = "layer")
  })
  private interface VolumeSourceTypes {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = VolumeSpec.Backend.Nfs.class, name = "nfs"),
    @JsonSubTypes.Type(value = VolumeSpec.Backend.Plugin.class, name = "plugin")
  })
  private interface BackendTypes {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Observed.State.Created.class, name = "created"),
    @JsonSubTypes.Type(value = Observed.State.Running.class, name = "running"),
    @JsonSubTypes.Type(value = Observed.State.Exited.class, name = "exited")
  })
  private interface StateTypes {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = RuntimeEvent.ContainerChanged.class, name = "container"),
    @JsonSubTypes.Type(value = RuntimeEvent.SandboxChanged.class, name = "sandbox"),
    @JsonSubTypes.Type(value = RuntimeEvent.VolumeChanged.class, name = "volume"),
    @JsonSubTypes.Type(value = RuntimeEvent.NetworksChanged.class, name = "networks"),
    @JsonSubTypes.Type(value = RuntimeEvent.Resync.class, name = "resync")
  })
  private interface EventTypes {}

  private static final class ToText<T> extends StdScalarSerializer<T> {
    @Serial private static final long serialVersionUID = 1L;

    ToText(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.toString());
    }
  }

  private static final class FromText<T> extends StdScalarDeserializer<T> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient Function<String, T> parse;

    FromText(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return parse.apply(in.getText());
    }
  }
}
