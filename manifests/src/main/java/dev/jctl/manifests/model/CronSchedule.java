package dev.jctl.manifests.model;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * When something is to be done, as in crontab(5) with Vixie cron's extensions: names of months and
 * days, steps, {@code @daily} and its like, {@code @every 90m}. As there, of the days of a month
 * and of a week one must fit when both are restricted.
 */
public sealed interface CronSchedule {
  /** The first time after {@code after}; empty when there is none, as on the 31st of April. */
  Optional<ZonedDateTime> next(ZonedDateTime after);

  /** {@code @every 90m}. */
  record Every(Duration period) implements CronSchedule {
    @Override
    public Optional<ZonedDateTime> next(ZonedDateTime after) {
      return Optional.of(after.truncatedTo(ChronoUnit.SECONDS).plus(period));
    }
  }

  /** Five fields, each the numbers that fit it. */
  record Fields(
      BitSet minutes, BitSet hours, BitSet days, BitSet months, BitSet weekdays, boolean eitherDay)
      implements CronSchedule {
    /** Leap days are at most eight years apart. */
    private static final int YEARS = 9;

    @Override
    public Optional<ZonedDateTime> next(ZonedDateTime after) {
      ZonedDateTime time = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
      ZonedDateTime end = time.plusYears(YEARS);
      while (time.isBefore(end)) {
        if (!months.get(time.getMonthValue())) {
          time = time.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1).plusMonths(1);
        } else if (!isDay(time)) {
          time = time.truncatedTo(ChronoUnit.DAYS).plusDays(1);
        } else if (!hours.get(time.getHour())) {
          time = time.truncatedTo(ChronoUnit.HOURS).plusHours(1);
        } else if (!minutes.get(time.getMinute())) {
          time = time.plusMinutes(1);
        } else {
          return Optional.of(time);
        }
      }
      return Optional.empty();
    }

    private boolean isDay(ZonedDateTime time) {
      boolean ofMonth = days.get(time.getDayOfMonth());
      boolean ofWeek = weekdays.get(time.getDayOfWeek().getValue() % 7);
      return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }
  }

  /** What is said of a text that is no schedule. */
  String EXPECTED =
      "five fields such as \"*/5 8-18 * * mon-fri\" (minute, hour, day, month, day of the week),"
          + " @hourly, @daily, @weekly, @monthly, @yearly, or @every 90m";

  /** Empty when it is no schedule. */
  static Optional<CronSchedule> parse(String text) {
    String trimmed = text.strip().toLowerCase(Locale.ROOT);
    if (trimmed.startsWith("@every ")) {
      return every(trimmed.substring("@every ".length()).strip());
    }
    String[] fields = MACROS.getOrDefault(trimmed, trimmed).split("\\s+", -1);
    if (fields.length != 5) {
      return Optional.empty();
    }
    try {
      BitSet weekdays = field(fields[4], 0, 7, WEEKDAYS);
      if (weekdays.get(7)) {
        weekdays.set(0);
      }
      return Optional.of(
          new Fields(
              field(fields[0], 0, 59, List.of()),
              field(fields[1], 0, 23, List.of()),
              field(fields[2], 1, 31, List.of()),
              field(fields[3], 1, 12, MONTHS),
              weekdays,
              isRestricted(fields[2]) && isRestricted(fields[4])));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Empty when there is no such zone. */
  static Optional<ZoneId> zone(String name) {
    return ZoneId.getAvailableZoneIds().contains(name)
        ? Optional.of(ZoneId.of(name))
        : Optional.empty();
  }

  Map<String, String> MACROS =
      Map.of(
          "@hourly", "0 * * * *",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@weekly", "0 0 * * 0",
          "@monthly", "0 0 1 * *",
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *");

  List<String> WEEKDAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  /** The first is number 1. */
  List<String> MONTHS =
      List.of(
          "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private static Optional<CronSchedule> every(String text) {
    try {
      Duration period = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
      return period.toSeconds() >= 1 ? Optional.of(new Every(period)) : Optional.empty();
    } catch (java.time.format.DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static boolean isRestricted(String field) {
    return !field.startsWith("*") && !field.startsWith("?");
  }

  private static BitSet field(String text, int min, int max, List<String> names) {
    BitSet set = new BitSet();
    for (String part : text.split(",", -1)) {
      String[] rangeAndStep = part.split("/", 2);
      List<Integer> ends = ends(rangeAndStep[0], min, max, names);
      boolean open = ends.size() == 1 && rangeAndStep.length == 2;
      int step = rangeAndStep.length == 2 ? Integer.parseInt(rangeAndStep[1]) : 1;
      int from = ends.getFirst();
      int to = open ? max : ends.getLast();
      if (from < min || to > max || from > to || step < 1) {
        throw new IllegalArgumentException(part);
      }
      for (int i = from; i <= to; i += step) {
        set.set(i);
      }
    }
    return set;
  }

  private static List<Integer> ends(String range, int min, int max, List<String> names) {
    if (range.equals("*") || range.equals("?")) {
      return List.of(min, max);
    }
    List<Integer> ends = new ArrayList<>();
    for (String end : range.split("-", 2)) {
      int named = end.isEmpty() ? -1 : names.indexOf(end);
      ends.add(named >= 0 ? named : Integer.parseInt(end));
    }
    return ends;
  }
}
