package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.why.Lookup;
import dev.jctl.cli.why.Why;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code jctl why}. */
final class WhyCommand implements Command {
  private static final int MAX_LINE = 4096;

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "why",
        "why KIND/NAME…",
        "Show why an object is not ready, down to the fact that is in the way",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(),
        List.of("jctl why container/web", "jctl why set/site"));
  }

  @Override
  public int run(Invocation in) {
    List<ObjectName> names = Selection.of(in).names();
    if (names.isEmpty()) {
      throw new UsageException("name at least one object, for example container/web");
    }
    Lookup lookup = new OfApi(in.api(), new HashMap<>());
    for (ObjectName name : names) {
      String namespace = name.kind().namespaced() ? in.namespace() : "";
      Why.of(name.kind(), namespace, name.name(), lookup).lines().forEach(in.console()::line);
    }
    return ExitCode.OK;
  }

  /** Each object is asked for once. */
  private record OfApi(Api api, Map<String, Optional<JsonNode>> known) implements Lookup {
    @Override
    public Optional<JsonNode> find(ResourceKind kind, String namespace, String name) {
      Target target = Target.of(kind, namespace, name);
      Optional<JsonNode> found = known.get(target.path());
      if (found == null) {
        found = fetch(target);
        known.put(target.path(), found);
      }
      return found;
    }

    private Optional<JsonNode> fetch(Target target) {
      try {
        return Optional.of(api.get(target));
      } catch (StatusException e) {
        if (e.isNotFound()) {
          return Optional.empty();
        }
        throw e;
      }
    }

    @Override
    public String lastLine(String namespace, String pod, String container) {
      for (String previous : List.of("true", "false")) {
        Target log =
            Target.of(ResourceKind.POD, namespace, pod)
                .at("log")
                .with("container", container)
                .with("previous", previous)
                .with("tailLines", "1");
        String line = line(log);
        if (!line.isEmpty()) {
          return line;
        }
      }
      return "";
    }

    private String line(Target log) {
      try (InputStream text = api.stream(log)) {
        return new String(text.readNBytes(MAX_LINE), StandardCharsets.UTF_8).strip();
      } catch (StatusException | IOException e) {
        return ""; // there is none, or it cannot be read: the rest is worth telling all the same
      }
    }
  }
}
