package dev.jctl.controller.replicaset;

import dev.jctl.controller.resources.StoredObject;

/** What is to be done about the Pods of one ReplicaSet. */
sealed interface ReplicaSetAction {
  /** One that nobody owns and that is selected. */
  record Adopt(StoredObject pod) implements ReplicaSetAction {}

  /** One that is no longer selected: it goes on by itself. */
  record Release(StoredObject pod) implements ReplicaSetAction {}

  record Create(int count) implements ReplicaSetAction {}

  record Delete(StoredObject pod) implements ReplicaSetAction {}
}
