package dev.jctl.controller.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcStatTest {
  @Test
  void busyIsWhatIsNeitherIdleNorWaiting() {
    // user nice system idle iowait irq softirq steal guest guest_nice, in hundredths of a second
    String stat = "cpu  100 10 50 9000 700 3 4 5 99 9\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
    assertThat(ProcStat.busyNanos(stat)).isEqualTo(1_720_000_000L);
  }

  @Test
  void usedMemoryIsWhatIsNotAvailable() {
    String meminfo = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\n";
    assertThat(ProcStat.usedMemory(meminfo)).isEqualTo(600 << 10);
  }
}
