package dev.jctl.controller.job;

import dev.jctl.controller.resources.StoredObject;
import java.time.Duration;

/** What is to be done about the Pods of one Job. */
sealed interface JobAction {
  record Create(int count) implements JobAction {}

  record Delete(StoredObject pod) implements JobAction {}

  /** It has ended long ago: it goes. */
  record Expire() implements JobAction {}

  /** Nothing but time is missing. */
  record Wait(Duration time) implements JobAction {}
}
