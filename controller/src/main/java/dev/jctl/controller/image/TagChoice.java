package dev.jctl.controller.image;

import dev.jctl.manifests.model.ImagePolicySpec;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/** Which of the tags of a repository is followed. Pure. */
public final class TagChoice {
  private static final String KEY = "key";

  /** Numbers that are longer are no times and no counters. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,40}");

  private TagChoice() {}

  /** The highest version in a range, in npm's syntax; a {@code v} before it does not matter. */
  public static Optional<String> highest(String range, List<String> tags) {
    RangeList wanted = RangeListFactory.create(range);
    return tags.stream()
        .filter(tag -> version(tag).map(wanted::isSatisfiedBy).orElse(false))
        .max(Comparator.comparing(tag -> version(tag).orElseThrow()));
  }

  private static Optional<Semver> version(String tag) {
    return Optional.ofNullable(Semver.parse(tag.replaceFirst("^v", "")));
  }

  /** The last of those that fit the pattern. */
  static Optional<String> newest(ImagePolicySpec.Newest newest, List<String> tags) {
    Pattern pattern = Pattern.compile(newest.pattern());
    Map<String, String> keys = new TreeMap<>();
    tags.forEach(tag -> key(pattern, tag).ifPresent(key -> keys.put(tag, key)));
    return "Alphabetical".equals(newest.order())
        ? keys.keySet().stream().max(Comparator.comparing(keys::get))
        : keys.keySet().stream()
            .filter(tag -> NUMBER.matcher(keys.get(tag)).matches())
            .max(Comparator.comparing(tag -> new BigInteger(keys.get(tag))));
  }

  private static Optional<String> key(Pattern pattern, String tag) {
    Matcher m = pattern.matcher(new PatientText(tag));
    if (!m.matches()) {
      return Optional.empty();
    }
    if (m.namedGroups().containsKey(KEY)) {
      return Optional.ofNullable(m.group(KEY));
    }
    return Optional.ofNullable(m.groupCount() > 0 ? m.group(1) : m.group());
  }
}
