package dev.jctl.images.registry;

import java.util.List;

/**
 * Where an image is looked for.
 *
 * @param mirrors asked first, in this order
 */
record RegistryRoute(List<RegistryLocation> mirrors, RegistryLocation origin) {
  RegistryRoute {
    mirrors = List.copyOf(mirrors);
  }
}
