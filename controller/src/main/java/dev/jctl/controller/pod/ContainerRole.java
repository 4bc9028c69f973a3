package dev.jctl.controller.pod;

/** What a container is for in its Pod. */
enum ContainerRole {
  /** Runs to its end before the next one is started. */
  INIT,
  /** An init container that keeps running. */
  SIDECAR,
  MAIN
}
