package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Optional;

/** {@code jctl rollback}. */
final class RollbackCommand implements Command {
  private static final Option TO_REVISION =
      Option.value("N", "which; the last healthy one before when not given", "--to-revision");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "rollback",
        "rollback set/NAME [--to-revision=N] | KIND/NAME --to-revision=N [--wait]",
        "Put an earlier revision of a set, or version of an object, back",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(TO_REVISION, ApplyCommand.WAIT_READY, Options.TIMEOUT, Options.OUTPUT),
        List.of(
            "jctl rollback set/site",
            "jctl rollback set/site --to-revision=3 --wait",
            "jctl rollback container/web --to-revision=1234"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    ObjectName name = HistoryCommand.one(in);
    Target target = Target.of(name.kind(), in.namespace(), name.name());
    ApplyCall.Reply reply =
        name.kind() == ResourceKind.MANIFEST_SET ? ofSet(in, target) : ofObject(in, target);
    ApplyCommand.print(in, reply, "");
    return in.is(ApplyCommand.WAIT_READY) ? ApplyCommand.await(in, reply) : ExitCode.OK;
  }

  private static ApplyCall.Reply ofSet(Invocation in, Target set) {
    Target rollback =
        set.at("rollback").withOptional("toRevision", in.value(TO_REVISION).orElse(""));
    return ApplyCall.Reply.of(in.api().post(rollback, Json.object()));
  }

  private static ApplyCall.Reply ofObject(Invocation in, Target target) {
    String revision =
        in.value(TO_REVISION)
            .orElseThrow(
                () ->
                    new UsageException(
                        "say which version with --to-revision; `jctl history KIND/NAME` lists"
                            + " them"));
    JsonNode old = in.api().get(Moment.at(target, revision));
    Optional<JsonNode> live = find(in, target);
    JsonNode written =
        live.isPresent()
            ? in.api().put(target, asBefore(live.get(), old))
            : in.api().post(Target.of(ObjectName.kindOf(old), in.namespace()), anew(old));
    String outcome =
        live.isEmpty()
            ? "created"
            : version(written).equals(version(live.get())) ? "unchanged" : "rolled back";
    return new ApplyCall.Reply(
        List.of(new ApplyCall.Applied(outcome, written)), Json.object().path("set"));
  }

  private static String version(JsonNode object) {
    return object.at("/metadata/resourceVersion").asText("");
  }

  private static Optional<JsonNode> find(Invocation in, Target target) {
    try {
      return Optional.of(in.api().get(target));
    } catch (StatusException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What people say of it is as it was; what the engine says of it stays. */
  private static ObjectNode asBefore(JsonNode live, JsonNode old) {
    ObjectNode object = Json.object();
    for (String own : List.of("apiVersion", "kind")) {
      object.set(own, live.path(own));
    }
    ObjectNode metadata = live.path("metadata").deepCopy();
    metadata.remove("resourceVersion"); // a status that is written meanwhile is no obstacle
    for (String field : List.of("labels", "annotations")) {
      metadata.remove(field);
      if (old.path("metadata").has(field)) {
        metadata.set(field, old.path("metadata").path(field));
      }
    }
    object.set("metadata", metadata);
    return withContent(object, old);
  }

  private static ObjectNode anew(JsonNode old) {
    ObjectNode object = Json.object();
    ObjectNode metadata = object.putObject("metadata");
    for (String field : List.of("name", "namespace", "labels", "annotations")) {
      if (old.path("metadata").has(field)) {
        metadata.set(field, old.path("metadata").path(field));
      }
    }
    return withContent(object, old);
  }

  private static ObjectNode withContent(ObjectNode object, JsonNode old) {
    old.properties()
        .forEach(
            field -> {
              if (!field.getKey().equals("metadata") && !field.getKey().equals("status")) {
                object.set(field.getKey(), field.getValue());
              }
            });
    return object;
  }
}
