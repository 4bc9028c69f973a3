package dev.jctl.shim.command;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** Configurations that a valid one has become by a few changes; the same for the same seed. */
final class RandomConfigs {
  /** What stands for anything somewhere. */
  private static final List<@Nullable Object> ANYTHING =
      Arrays.asList(
          null,
          true,
          false,
          0,
          -1,
          1,
          4096,
          Integer.MAX_VALUE,
          Long.MIN_VALUE,
          BigInteger.TWO.pow(64).subtract(BigInteger.ONE),
          "",
          "/",
          "/..",
          "/proc/self/fd/3",
          "/dev/null",
          "no",
          "x".repeat(5000),
          "\u0000",
          "ro",
          "rbind",
          "tmpfs",
          "user",
          List.of(),
          List.of("a", "/b"),
          Map.of(),
          Map.of("type", "user"));

  private final RandomGenerator random;

  RandomConfigs(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** Of a configuration as text. */
  String mutated(String config) {
    Object tree = JsonTree.parse("config.json", config);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      tree = change(tree);
    }
    return JsonTree.line(tree);
  }

  private @Nullable Object change(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> object when !object.isEmpty() -> changedObject(object);
      case Number _ when random.nextInt(4) > 0 -> random.nextInt(2000);
      case Boolean flag when random.nextInt(4) > 0 -> !flag;
      case List<?> array when !array.isEmpty() -> changedArray(array);
      case null, default -> ANYTHING.get(random.nextInt(ANYTHING.size()));
    };
  }

  private Object changedObject(Map<?, ?> object) {
    Map<Object, @Nullable Object> copy = new LinkedHashMap<>(object);
    Object key = List.copyOf(object.keySet()).get(random.nextInt(object.size()));
    switch (random.nextInt(12)) {
      case 0 -> copy.remove(key);
      case 1 -> copy.put(key, ANYTHING.get(random.nextInt(ANYTHING.size())));
      default -> copy.put(key, change(object.get(key)));
    }
    return copy;
  }

  private Object changedArray(List<?> array) {
    List<@Nullable Object> copy = new ArrayList<>(array);
    int at = random.nextInt(array.size());
    switch (random.nextInt(6)) {
      case 0 -> copy.remove(at);
      case 1 -> copy.add(random.nextInt(array.size()), array.get(at));
      case 2 -> copy.add(ANYTHING.get(random.nextInt(ANYTHING.size())));
      default -> copy.set(at, change(array.get(at)));
    }
    return copy;
  }
}
