package dev.jctl.controller.encryption;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The first key seals; each opens what it has sealed. */
record KeyRing(List<SealingKey> keys) {
  KeyRing {
    keys = List.copyOf(keys);
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no key");
    }
  }

  SealingKey newest() {
    return keys.getFirst();
  }

  Optional<SealingKey> find(String id) {
    return keys.stream().filter(key -> key.id().equals(id)).findFirst();
  }

  KeyRing with(SealingKey newest) {
    return new KeyRing(Stream.concat(Stream.of(newest), keys.stream()).toList());
  }

  KeyRing newestOnly() {
    return new KeyRing(List.of(newest()));
  }
}
