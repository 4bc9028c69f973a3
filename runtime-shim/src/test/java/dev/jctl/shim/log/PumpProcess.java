package dev.jctl.shim.log;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.supervise.EventLoop;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Pumps a FIFO until it is killed, or finishes at the end of its standard input. */
final class PumpProcess {
  private PumpProcess() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    EventLoop loop = EventLoop.start();
    int fifo =
        Kernel.open(directory.resolve("stdout").toString(), Kernel.O_RDONLY | Kernel.O_NONBLOCK, 0);
    LogPump pump =
        LogPump.start(
            new LogPump.Shared(loop, InstantSource.system()),
            directory,
            directory.resolve("0.log"),
            List.of(new LogPump.Source.Fifo(fifo, OutputStreamName.STDOUT)));
    System.out.println("ready");
    System.in.readAllBytes();
    loop.execute(
        () -> {
          pump.finish();
          pump.close();
        });
    loop.close();
  }
}
