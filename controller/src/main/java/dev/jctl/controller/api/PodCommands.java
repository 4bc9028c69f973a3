package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What {@code exec}, {@code attach} and {@code portforward} of a Pod ask the runtime. */
final class PodCommands {
  /** A byte names their channels. */
  private static final int MAX_PORTS = 127;

  private final Resources resources;
  private final ContainerRuntime runtime;

  PodCommands(Resources resources, ContainerRuntime runtime) {
    this.resources = resources;
    this.runtime = runtime;
  }

  /** {@code start}: begins it; fails with {@link RuntimeFailure}. */
  record Command(
      Supplier<ExecSession> start, RemoteCommand.Input input, RemoteCommand.Ending ending) {}

  /** Empty for other targets. Fails when the request is at fault. */
  Optional<Command> of(ApiTarget target, Query query) {
    return switch (target) {
      case ApiTarget.PodExec exec -> Optional.of(exec(exec.ref(), query));
      case ApiTarget.PodAttach attach -> Optional.of(attach(attach.ref(), query));
      default -> Optional.empty();
    };
  }

  /** Fails when there is no such Pod. */
  PortForward forward(ObjectRef ref) {
    return new PortForward(runtime, resources.get(ref).uid());
  }

  /**
   * As {@link #forward(ObjectRef)}, of the ports that the request names, over the WebSocket.
   *
   * @throws ApiException 400 when it names none, or what is no port
   */
  Consumer<WebSocketFrames> forward(ObjectRef ref, Query query) {
    List<Integer> ports = ports(query);
    String sandbox = resources.get(ref).uid();
    return frames -> new ChannelledPorts(runtime, sandbox, frames).run(ports);
  }

  private static List<Integer> ports(Query query) {
    List<Integer> ports = new ArrayList<>();
    for (String given : query.all("ports")) {
      for (String port : given.split(",", -1)) {
        if (!port.matches("[0-9]{1,5}") || !isPort(Integer.parseInt(port))) {
          throw ApiException.badRequest("query parameter \"ports\": \"" + port + "\" is no port");
        }
        ports.add(Integer.valueOf(port));
      }
    }
    if (ports.isEmpty() || ports.size() > MAX_PORTS) {
      throw ApiException.badRequest(
          "query parameter \"ports\": expected 1 to " + MAX_PORTS + ", found " + ports.size());
    }
    return ports;
  }

  private static boolean isPort(int number) {
    return number > 0 && number < 1 << 16;
  }

  private Command exec(ObjectRef ref, Query query) {
    List<String> command = query.all("command");
    if (command.isEmpty()) {
      throw ApiException.badRequest("you must specify at least 1 command for the container");
    }
    String id = running(ref, query);
    OciSpec.Process process = process(ref, id, command, query.flag("tty"));
    return new Command(
        () -> runtime.exec(id, process),
        query.flag("stdin") ? RemoteCommand.Input.PASSED_ON : RemoteCommand.Input.ENDED,
        RemoteCommand.Ending.EXIT_CODE);
  }

  private Command attach(ObjectRef ref, Query query) {
    String id = running(ref, query);
    return new Command(
        () -> runtime.attach(id),
        query.flag("stdin") ? RemoteCommand.Input.PASSED_ON : RemoteCommand.Input.UNTOUCHED,
        RemoteCommand.Ending.SUCCESS);
  }

  private String running(ObjectRef ref, Query query) {
    StoredObject pod = resources.get(ref);
    return PodContainers.runningId(pod, PodContainers.choose(pod, query.text("container")));
  }

  /** As the container's own process, but for the command and the terminal. */
  private OciSpec.Process process(
      ObjectRef ref, String id, List<String> command, boolean terminal) {
    OciSpec.Process own;
    try {
      own = runtime.container(id).map(c -> ownProcess(c)).orElseThrow(() -> gone(ref, id));
    } catch (RuntimeFailure e) {
      throw new ApiException(
          Reason.SERVICE_UNAVAILABLE,
          "cannot ask the runtime for container " + id + ": " + e.getMessage(),
          ref,
          List.of());
    }
    List<String> env = new ArrayList<>(own.env());
    if (terminal && env.stream().noneMatch(e -> e.startsWith("TERM="))) {
      env.add("TERM=xterm");
    }
    return own.beside(terminal, command, env);
  }

  private static OciSpec.Process ownProcess(Observed.Container container) {
    return container.spec().oci().process();
  }

  private static ApiException gone(ObjectRef ref, String id) {
    return new ApiException(
        Reason.BAD_REQUEST, "container " + id + " is no longer there", ref, List.of());
  }
}
