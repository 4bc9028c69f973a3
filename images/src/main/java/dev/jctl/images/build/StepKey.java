package dev.jctl.images.build;

import dev.jctl.images.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The name under which a step's result is found again: everything that the result hangs on and
 * nothing else. What came before counts by what it made, so that a step that makes the same as
 * before leaves those after it in place.
 */
public final class StepKey {
  /** Changes when a step's result would be another for the same words. */
  private static final String FORMAT = "jctl-build-2";

  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

  private StepKey(String kind) {
    add(FORMAT).add(kind);
  }

  /**
   * @param layers what is there before, as diff ids
   * @param mounted content of each mount that has any
   */
  public static String run(BuildStep.Run step, List<String> layers, List<String> mounted) {
    StepKey key = new StepKey("run");
    key.addAll(layers).addAll(step.arguments()).add(step.user()).add(step.workingDir());
    new TreeMap<>(step.keyEnv()).forEach((name, value) -> key.add(name).add(value));
    key.add(step.network());
    step.mounts().forEach(mount -> key.add(mount.toString()));
    return key.addAll(mounted).hex();
  }

  /**
   * @param layers what is there before; empty with {@code --link}
   * @param source what the content of its sources is called
   */
  public static String copy(BuildStep.Copy step, List<String> layers, List<String> source) {
    StepKey key = new StepKey("copy");
    key.addAll(layers).addAll(source).addAll(step.sources()).add(step.destination());
    key.add(String.valueOf(step.chown())).add(String.valueOf(step.chmod()));
    key.addAll(step.excludes()).addAll(step.options().stream().map(Enum::name).sorted().toList());
    for (Map.Entry<String, String> file : step.files().entrySet()) {
      key.add(file.getKey()).add(file.getValue());
    }
    return key.hex();
  }

  public static String directory(BuildStep.Directory step, List<String> layers) {
    return new StepKey("directory").addAll(layers).add(step.path()).hex();
  }

  private StepKey add(String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    parts.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
    parts.writeBytes(bytes);
    return this;
  }

  private StepKey addAll(List<String> several) {
    add(String.valueOf(several.size()));
    several.forEach(this::add);
    return this;
  }

  private String hex() {
    return Digest.of(parts.toByteArray()).hex();
  }
}
