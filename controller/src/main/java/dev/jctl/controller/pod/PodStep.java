package dev.jctl.controller.pod;

/** What is asked of the runtime at once: one action, or two that it takes as one. */
sealed interface PodStep permits PodAction, PodStep.RunFirst {
  /** A new sandbox together with the container that is to run in it next. */
  record RunFirst(PodAction.CreateSandbox sandbox, PodAction.RunContainer container)
      implements PodStep {}
}
