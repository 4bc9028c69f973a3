package dev.jctl.controller.api;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What one may ask about who may do what. Is answered by {@link Reviews}, and not stored. */
enum Review {
  TOKEN("authentication.k8s.io", "TokenReview"),
  SELF("authentication.k8s.io", "SelfSubjectReview"),
  OWN_ACCESS("authorization.k8s.io", "SelfSubjectAccessReview"),
  OWN_RULES("authorization.k8s.io", "SelfSubjectRulesReview"),
  ACCESS("authorization.k8s.io", "SubjectAccessReview"),
  LOCAL_ACCESS("authorization.k8s.io", "LocalSubjectAccessReview");

  private final String group;
  private final String kind;

  Review(String group, String kind) {
    this.group = group;
    this.kind = kind;
  }

  String kind() {
    return kind;
  }

  /** As in the path. */
  String resource() {
    return kind.toLowerCase(Locale.ROOT) + "s";
  }

  boolean namespaced() {
    return this == LOCAL_ACCESS;
  }

  static List<String> groups() {
    return Stream.of(values()).map(r -> r.group).distinct().toList();
  }

  static List<Review> of(String group) {
    return Stream.of(values()).filter(r -> r.group.equals(group)).toList();
  }
}
