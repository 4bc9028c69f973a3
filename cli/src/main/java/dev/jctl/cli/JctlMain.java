package dev.jctl.cli;

import dev.jctl.cli.args.Arguments;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Help;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.UnreachableException;
import dev.jctl.cli.output.Console;
import dev.jctl.manifests.codec.ManifestException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code jctl} command; {@code bin/jctl} has seen to it that what it needs is there. */
public final class JctlMain {
  private final Console console;
  private final Map<String, String> environment;
  private boolean verbose;

  JctlMain(Console console, Map<String, String> environment) {
    this.console = console;
    this.environment = environment;
  }

  public static void main(String[] args) {
    initializeLibrariesAside();
    Map<String, String> environment = System.getenv();
    if (isOutdated(environment)) {
      Runtime.getRuntime().halt(ExitCode.OUTDATED);
    }
    Console console = Console.system(environment.getOrDefault("JCTL_TTY", ""));
    int code = new JctlMain(console, environment).run(Arrays.asList(args));
    console.flush();
    // threads that still read from the server or the terminal are of no use any more; and not by
    // System.exit, which would load the classes of a logger to ask whether that is to be logged
    Runtime.getRuntime().halt(code);
  }

  /**
   * Whether a source is newer than this build, for which {@code bin/jctl} looks while the JVM
   * starts, and names one on the standard input.
   */
  private static boolean isOutdated(Map<String, String> environment) {
    if (!environment.containsKey("JCTL_STDIN_IS_NEWER_SOURCE")) {
      return false;
    }
    try (InputStream newerSource = new FileInputStream(FileDescriptor.in)) {
      return newerSource.read() >= 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What the JDK computes and looks up when these are first used is more than a command's own work;
   * here that happens while the main thread reads arguments and manifests, and by two threads, as
   * that of sockets takes longer than all that the main thread has to do meanwhile.
   */
  static void initializeLibrariesAside() {
    aside("sockets", JctlMain::initializeSockets);
    aside("decimals", JctlMain::initializeDecimals);
  }

  private static void aside(String name, Runnable work) {
    Thread aside = new Thread(work, name);
    aside.setDaemon(true);
    aside.start();
  }

  /** The JDK's first Unix socket gets a source of random numbers, for names that it may need. */
  private static void initializeSockets() {
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // closing one that was connected needs more classes than this one's opening
      socket.getOption(StandardSocketOptions.SO_RCVBUF);
    } catch (IOException e) {
      // whoever needs a socket will see, and say what for
    }
  }

  /** Jackson needs the decimals before it reads anything; ages need the times. */
  private static void initializeDecimals() {
    var _ = BigDecimal.valueOf(0);
    var _ = DateTimeFormatter.ISO_INSTANT;
  }

  int run(List<String> words) {
    boolean isDiff = words.contains("diff");
    try {
      return dispatch(words);
    } catch (UsageException e) {
      return fail(e, "error: " + e.getMessage(), ExitCode.USAGE);
    } catch (ManifestException e) {
      return fail(e, errors(e.errors()), isDiff ? ExitCode.USAGE : ExitCode.BAD_MANIFEST);
    } catch (CommandFailure e) {
      String message = errors(String.valueOf(e.getMessage()).lines().toList());
      return fail(e, message, isDiff ? ExitCode.USAGE : e.exitCode());
    } catch (StatusException e) {
      return fail(e, Failures.line(e), isDiff ? ExitCode.USAGE : ExitCode.FAILED);
    } catch (UnreachableException e) {
      return fail(
          e,
          "error: " + e.getMessage() + "; `jctl status` shows more, `jctl up` starts it",
          ExitCode.UNREACHABLE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail(e, "error: interrupted", 130);
    } catch (Exception e) {
      return fail(e, "error: " + e, ExitCode.FAILED);
    }
  }

  private int fail(Exception why, String message, int code) {
    console.error(message);
    if (verbose) {
      why.printStackTrace(console.err());
    }
    return code;
  }

  private static String errors(List<String> lines) {
    return "error: " + String.join("\nerror: ", lines);
  }

  private int dispatch(List<String> words) throws Exception {
    Arguments first = Arguments.parse(leading(words), Options.GLOBAL);
    List<String> operands = first.operands();
    if (operands.isEmpty() || operands.get(0).equals("help")) {
      return help(operands.size() > 1 ? operands.get(1) : "");
    }
    List<String> rest = new ArrayList<>(words);
    rest.remove(operands.get(0));
    return dispatch(find(operands.get(0)), rest);
  }

  /**
   * @param rest of the words, without the command's name
   */
  private int dispatch(Command command, List<String> rest) throws Exception {
    if (!command.subcommands().isEmpty()) {
      return dispatchWithin(command, rest);
    }
    List<Option> options = new ArrayList<>(Options.GLOBAL);
    options.addAll(command.spec().options());
    Arguments arguments = Arguments.parse(rest, options);
    verbose = arguments.is(Options.VERBOSE);
    if (arguments.is(Options.HELP)) {
      return print(Help.of(command.spec(), Options.GLOBAL));
    }
    Engine engine = engine(arguments);
    try (Api api = new Api(engine.socket(), engine.patience())) {
      return command.run(new Invocation(arguments, console, engine, api, environment));
    }
  }

  private int dispatchWithin(Command group, List<String> words) throws Exception {
    Arguments first = Arguments.parse(leading(words), Options.GLOBAL);
    if (first.operands().isEmpty()) {
      return print(help(group));
    }
    String name = first.operands().get(0);
    Command command =
        group.subcommands().stream()
            .filter(c -> c.spec().name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "unknown command \"%s\" for \"jctl %s\"; `jctl %s --help` lists them"
                            .formatted(name, group.spec().name(), group.spec().name())));
    List<String> rest = new ArrayList<>(words);
    rest.remove(name);
    return dispatch(command, rest);
  }

  /** Up to the command's name, and the word after {@code help}. */
  private static List<String> leading(List<String> words) {
    int i = 0;
    while (i < words.size() && words.get(i).startsWith("-")) {
      i += takesNextWord(words.get(i)) ? 2 : 1;
    }
    int end = i < words.size() && words.get(i).equals("help") ? i + 2 : i + 1;
    return words.subList(0, Math.min(words.size(), end));
  }

  private static boolean takesNextWord(String word) {
    return Options.GLOBAL.stream()
        .anyMatch(o -> o.takes() == Option.Takes.VALUE && o.names().contains(word));
  }

  private int help(String command) {
    return print(
        command.isEmpty()
            ? Help.overview(specs(Commands.ALL), Options.GLOBAL)
            : help(find(command)));
  }

  private static String help(Command command) {
    return command.subcommands().isEmpty()
        ? Help.of(command.spec(), Options.GLOBAL)
        : Help.of(command.spec(), specs(command.subcommands()), Options.GLOBAL);
  }

  private static List<CommandSpec> specs(List<Command> commands) {
    return commands.stream().map(Command::spec).toList();
  }

  private int print(String text) {
    console.out().print(text);
    return ExitCode.OK;
  }

  private static Command find(String name) {
    if (name.equals("__complete")) {
      return new CompleteCommand(Commands.ALL);
    }
    Optional<Command> command =
        Commands.ALL.stream().filter(c -> c.spec().name().equals(name)).findFirst();
    return command.orElseThrow(
        () ->
            new UsageException(
                "unknown command \"" + name + "\" for \"jctl\"; `jctl --help` lists them"));
  }

  private Engine engine(Arguments arguments) {
    Path data = directory(arguments, Options.DATA_DIR, "JCTL_DATA_DIR", "/var/lib/jctl");
    Path run = directory(arguments, Options.RUN_DIR, "JCTL_RUN_DIR", "/run/jctl");
    Optional<String> socket = arguments.value(Options.SOCKET);
    return new Engine(
        data, run, socket.map(Path::of).orElse(run.resolve("jctl.sock")), socket.isEmpty());
  }

  private Path directory(Arguments arguments, Option option, String variable, String otherwise) {
    String fromEnvironment = environment.getOrDefault(variable, otherwise);
    return Path.of(arguments.value(option).orElse(fromEnvironment)).toAbsolutePath();
  }

  /** Made after the threads that initialize libraries have begun. */
  private static final class Commands {
    static final List<Command> ALL =
        List.of(
            new ApplyCommand(),
            new GetCommand(),
            new DescribeCommand(),
            new DeleteCommand(),
            new DiffCommand(),
            new PlanCommand(),
            new LogsCommand(),
            new ExecCommand(),
            PauseCommand.pause(),
            PauseCommand.unpause(),
            new WaitCommand(),
            new WhyCommand(),
            new HistoryCommand(),
            new RollbackCommand(),
            new BootstrapCommand(),
            new ReconcileCommand(),
            new RotateKeyCommand(),
            new EventsCommand(),
            new TopCommand(),
            new ImageCommand(),
            new UpCommand(),
            new DownCommand(),
            new StatusCommand(),
            new KubeconfigCommand(),
            new ApiResourcesCommand(),
            new CompletionCommand(),
            new VersionCommand());
  }
}
