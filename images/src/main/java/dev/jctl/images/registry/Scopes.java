package dev.jctl.images.registry;

/** Kinds of requests that are let in together. */
final class Scopes {
  static final String PULL = "pull";
  static final String PUSH = "push";

  private Scopes() {}
}
