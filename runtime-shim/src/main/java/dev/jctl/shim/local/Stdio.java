package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Terminal;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.log.LogPump.Source;
import dev.jctl.shim.log.OutputStreamName;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A container's three descriptors and our ends of them. Output goes through FIFOs that the
 * container itself holds open for reading and writing: without a reader it neither gets SIGPIPE nor
 * loses anything, it waits once a FIFO is full.
 *
 * @param child what the process gets; ours to close once it has them
 * @param sources where its output arrives
 * @param input its standard input's writing end, when that is ours to end
 * @param terminal second descriptor of the master, for input and size
 */
record Stdio(Launcher.Stdio child, List<Source> sources, OptionalInt input, OptionalInt terminal) {
  private static final int FIFO_MODE = 0600;

  static Stdio create(ContainerSpec spec, Path directory, OciSpec.User user) {
    return spec.oci().process().terminal()
        ? terminal(spec.oci().process())
        : fifos(Input.of(spec), directory, user);
  }

  private static Stdio terminal(OciSpec.Process process) {
    Terminal.Pair pair = Terminal.open();
    OciSpec.ConsoleSize size = process.consoleSize();
    if (size != null) {
      Terminal.resize(pair.master(), size.width(), size.height());
    }
    return new Stdio(
        new Launcher.Stdio.Pty(pair.slave()),
        List.of(new Source.Terminal(pair.master())),
        OptionalInt.empty(),
        OptionalInt.of(Transfer.duplicate(pair.master())));
  }

  private enum Input {
    NONE,
    /** It never ends: the container holds it open itself. */
    ENDLESS,
    ENDED_BY_US;

    static Input of(ContainerSpec spec) {
      return !spec.stdin() ? NONE : spec.stdinOnce() ? ENDED_BY_US : ENDLESS;
    }
  }

  private static Stdio fifos(Input input, Path directory, OciSpec.User user) {
    List<Integer> opened = new ArrayList<>();
    try {
      for (OutputStreamName stream : OutputStreamName.values()) {
        makeFifo(directory.resolve(stream.text()), user);
      }
      if (input != Input.NONE) {
        makeFifo(input(directory), user);
      }
      List<Source> sources = openSources(directory);
      sources.forEach(source -> opened.add(source.fd()));
      String fifo = input(directory).toString();
      OptionalInt ours = OptionalInt.empty();
      if (input == Input.ENDED_BY_US) {
        // for reading as well, so that opening it does not wait for a reader
        ours = OptionalInt.of(Kernel.open(fifo, Kernel.O_RDWR, 0));
        opened.add(ours.getAsInt());
      }
      int in =
          switch (input) {
            case NONE -> Kernel.open("/dev/null", Kernel.O_RDONLY, 0);
            case ENDLESS -> Kernel.open(fifo, Kernel.O_RDWR, 0);
            case ENDED_BY_US -> Kernel.open(fifo, Kernel.O_RDONLY, 0);
          };
      opened.add(in);
      int out = Kernel.open(directory.resolve("stdout").toString(), Kernel.O_RDWR, 0);
      opened.add(out);
      int err = Kernel.open(directory.resolve("stderr").toString(), Kernel.O_RDWR, 0);
      return new Stdio(
          new Launcher.Stdio.Descriptors(in, out, err), sources, ours, OptionalInt.empty());
    } catch (RuntimeException e) {
      opened.forEach(Kernel::close);
      throw e;
    }
  }

  /** Makes the FIFOs of output, which belong to root until it is known whose they are. */
  static void prepare(Path directory) {
    for (OutputStreamName stream : OutputStreamName.values()) {
      Transfer.ensureFifo(directory.resolve(stream.text()).toString(), FIFO_MODE, 0, 0);
    }
  }

  /** Owned by the container's user, who may open {@code /dev/stdout} again. */
  private static void makeFifo(Path path, OciSpec.User user) {
    Transfer.ensureFifo(path.toString(), FIFO_MODE, user.uid(), user.gid());
  }

  /** FIFO of its standard input, if it reads one. */
  static Path input(Path directory) {
    return directory.resolve("stdin");
  }

  /** Reading ends of the FIFOs of a container made before. */
  static List<Source> openSources(Path directory) {
    List<Source> sources = new ArrayList<>();
    for (OutputStreamName stream : OutputStreamName.values()) {
      int fd =
          Kernel.open(
              directory.resolve(stream.text()).toString(), Kernel.O_RDONLY | Kernel.O_NONBLOCK, 0);
      sources.add(new Source.Fifo(fd, stream));
    }
    return sources;
  }

  /** Unless a pump has the sources. */
  void closeOurSide() {
    sources.forEach(source -> Kernel.close(source.fd()));
    input.ifPresent(Kernel::close);
    terminal.ifPresent(Kernel::close);
  }

  void closeChildSide() {
    switch (child) {
      case Launcher.Stdio.Descriptors d -> {
        Kernel.close(d.stdin());
        Kernel.close(d.stdout());
        Kernel.close(d.stderr());
      }
      case Launcher.Stdio.Pty pty -> Kernel.close(pty.slave());
    }
  }
}
