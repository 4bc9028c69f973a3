package dev.jctl.controller.cronjob;

import dev.jctl.controller.resources.StoredObject;
import java.time.Instant;

/** What is to be done about the Jobs of one CronJob. */
sealed interface CronJobAction {
  /** The Job of that time. */
  record Create(Instant time) implements CronJobAction {}

  record Delete(StoredObject job) implements CronJobAction {}

  /** It is due, but nothing is made; the status does not say that it was. */
  record Skip(Instant time, String reason, String message) implements CronJobAction {}
}
