package dev.jctl.controller.pod;

/** What a container is for in its Pod. */
enum ContainerRole {
  /** Runs to its end before the next one is started. */
  INIT,
  /** An init container that keeps running. */
  SIDECAR,
  MAIN,
  /** Put into the Pod while it runs, to look at it: started once, and never again. */
  EPHEMERAL
}
