package dev.jctl.controller.merge;

import java.util.List;

/** Fields of {@code metadata} that the server sets, or that make the object what it is. */
final class ServerFields {
  static final List<String> METADATA =
      List.of(
          "name",
          "namespace",
          "generateName",
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "selfLink",
          "managedFields");

  private ServerFields() {}
}
