package dev.jctl.manifests.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Times were compared with those of crontab(5)'s text and of robfig/cron's tests. */
class CronScheduleTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "* * * * *            | 2026-11-28T12:00:30Z | 2026-11-28T12:01Z",
        "*/15 * * * *         | 2026-11-28T12:00Z    | 2026-11-28T12:15Z",
        "0 0 1 1 *            | 2026-11-28T12:00Z    | 2027-01-01T00:00Z",
        "30 8-18/2 * * mon-fri| 2026-11-28T12:00Z    | 2026-11-30T08:30Z",
        "0 0 29 feb ?         | 2026-11-28T12:00Z    | 2028-02-29T00:00Z",
        "0 0 13 * fri         | 2026-11-28T12:00Z    | 2026-12-04T00:00Z",
        "0 0 * * 7            | 2026-11-28T12:00Z    | 2026-11-29T00:00Z",
        "5/20 * * * *         | 2026-11-28T12:30Z    | 2026-11-28T12:45Z",
        "@hourly              | 2026-11-28T12:00Z    | 2026-11-28T13:00Z",
        "@weekly              | 2026-11-28T12:00Z    | 2026-11-29T00:00Z",
        "@every 1h30m         | 2026-11-28T12:00Z    | 2026-11-28T13:30Z",
        // the hour that is left out in spring, and the one that is there twice in autumn
        "30 2 * * *           | 2026-03-29T01:00+01:00[Europe/Berlin] |"
            + " 2026-03-30T02:30+02:00[Europe/Berlin]",
        "0 4 * * *            | 2026-10-25T01:00+02:00[Europe/Berlin] |"
            + " 2026-10-25T04:00+01:00[Europe/Berlin]",
      })
  void findsTheNextTime(String schedule, ZonedDateTime after, ZonedDateTime next) {
    assertThat(CronSchedule.parse(schedule).orElseThrow().next(after)).contains(next);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "@often", "@every x", "@every 10ms",
        "-1 * * * *", "1- * * * *", "1,,2 * * * *"
      })
  void refusesWhatIsNone(String text) {
    assertThat(CronSchedule.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 0 31 4 *", "0 0 30 feb *"})
  void knowsThatSomeTimesNeverCome(String text) {
    assertThat(CronSchedule.parse(text).orElseThrow().next(ZonedDateTime.now(ZoneOffset.UTC)))
        .isEmpty();
  }
}
