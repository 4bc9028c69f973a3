package dev.jctl.controller.drift;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.stream.Stream;

/** What was found changed on the machine of the objects of a set, by their statuses. */
public final class MemberDrift {
  private final Resources resources;
  private final ResourceCache cache;

  public MemberDrift(Resources resources, ResourceCache cache) {
    this.resources = resources;
    this.cache = cache;
  }

  public List<Drift> of(List<ObjectRef> members) {
    return members.stream()
        .flatMap(ref -> resources.find(ref).stream())
        .flatMap(member -> told(member).map(drift -> Drifts.of(member.ref(), drift)))
        .toList();
  }

  /** What runs Pods and does not mirror them tells what they do. */
  private Stream<Drift> told(StoredObject object) {
    return switch (object.ref().kind()) {
      case POD -> PodDrift.of(object.tree().path("status")).stream();
      case DEPLOYMENT, REPLICA_SET, JOB, CRON_JOB ->
          cache.ownedBy(object.uid()).stream().flatMap(this::told);
      default -> own(object);
    };
  }

  private static Stream<Drift> own(StoredObject object) {
    boolean aggregates =
        object.ref().kind() == ResourceKind.GIT_REPOSITORY
            || object.ref().kind() == ResourceKind.MANIFEST_SOURCE
            || object.ref().kind() == ResourceKind.MANIFEST_SET;
    return aggregates
        ? Stream.empty()
        : object
            .tree()
            .at("/status/drift")
            .valueStream()
            .map(drift -> ResourceCodec.MAPPER.convertValue(drift, Drift.class));
  }
}
