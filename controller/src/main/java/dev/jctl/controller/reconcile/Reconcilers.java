package dev.jctl.controller.reconcile;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.build.Builds;
import dev.jctl.controller.build.LostImages;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.container.ContainerReconciler;
import dev.jctl.controller.cronjob.CronJobReconciler;
import dev.jctl.controller.deployment.DeploymentReconciler;
import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.event.StoredEvents;
import dev.jctl.controller.gc.OwnerReconciler;
import dev.jctl.controller.gitrepository.GitRepositoryReconciler;
import dev.jctl.controller.image.ContainerContents;
import dev.jctl.controller.image.ImageGarbage;
import dev.jctl.controller.image.ImageReconciler;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.job.JobReconciler;
import dev.jctl.controller.manifestset.ManifestSetReconciler;
import dev.jctl.controller.namespace.NamespaceReconciler;
import dev.jctl.controller.network.Leases;
import dev.jctl.controller.network.NetworkReconciler;
import dev.jctl.controller.node.NodeReconciler;
import dev.jctl.controller.pod.Orphans;
import dev.jctl.controller.pod.PodReconciler;
import dev.jctl.controller.policy.PolicyReconciler;
import dev.jctl.controller.probe.Probes;
import dev.jctl.controller.queue.ControlLoop;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.Loops;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.replicaset.ReplicaSetReconciler;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.role.ClusterRoleBindingReconciler;
import dev.jctl.controller.role.ClusterRoleReconciler;
import dev.jctl.controller.service.ServiceReconciler;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.snapshot.SnapshotReconciler;
import dev.jctl.controller.usage.ProcStat;
import dev.jctl.controller.volume.ClaimReconciler;
import dev.jctl.controller.volume.VolumeReconciler;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All reconcilers, wired together. */
public final class Reconcilers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reconcilers.class);
  private static final int FEW_WORKERS = 4;
  private static final Duration EVENT_EXPIRY = Duration.ofMinutes(5);

  /** Who writes files writes several, and in several pieces. */
  private static final Duration FILES_SETTLE = Duration.ofMillis(200);

  private static final Duration COLLECT_AFTER = Duration.ofSeconds(1);

  /** One resync in so many reconciles everything, whatever seems to be as it was. */
  private static final int THOROUGH = 20;

  private final ScheduledThreadPoolExecutor timer = timer();
  private final Loops loops = new Loops();
  private final Dependents dependents = new Dependents();
  private final TagLookups lookups = new TagLookups(loops::enqueue);
  private final DriftNotes notes = new DriftNotes();
  private final AtomicBoolean collecting = new AtomicBoolean();
  private final AtomicInteger resyncs = new AtomicInteger();
  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final ControllerConfig config;
  private final InstantSource clock;
  private final StoredEvents events;
  private final ImageGarbage garbage;
  private final Builds builds;
  private final ControlLoop owners;
  private final ChangeRouter router;
  private final Probes probes;
  private final PodReconciler pods;
  private final ServiceReconciler services;
  private final PolicyReconciler policies;
  private final GitRepositoryReconciler repositories;
  private final ContainerRuntime.Subscription subscription;

  private Reconcilers(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      ImageGarbage garbage,
      ManifestSets sets,
      AccountTokens accounts,
      ControllerConfig config,
      InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.runtime = runtime;
    this.config = config;
    this.clock = clock;
    this.events = new StoredEvents(resources, cache, clock, config.nodeName());
    this.garbage = garbage;
    this.builds =
        new Builds(
            resources,
            cache,
            runtime,
            images,
            lookups,
            garbage,
            image -> ImageReconciler.unpack(runtime, images, image),
            new LostImages(cache, images, ref -> loops.enqueue(ref)),
            config.dataDir());
    this.owners = loop("gc", FEW_WORKERS, new OwnerReconciler(resources, cache));
    this.router = new ChangeRouter(cache, loops, owners, dependents, this::collectSoon);
    this.probes = new Probes(runtime, timer, clock, router::probed);
    Leases leases = Leases.of(cache);
    this.policies = new PolicyReconciler(cache, runtime);
    this.services = new ServiceReconciler(resources, cache, runtime, events, clock, config.api());
    this.pods = pods(images, leases, accounts);
    this.repositories =
        new GitRepositoryReconciler(
            resources,
            cache,
            images,
            new PullSecrets(resources, config.login()),
            sets,
            dependents,
            ref -> loops.enqueueAfter(ref, FILES_SETTLE),
            config.repositories(),
            events,
            clock);
    register(images, leases, sets);
    cache.addListener(router);
    this.subscription = runtime.subscribe(this::happened);
  }

  /** Starts reconciling until closed. The arguments stay open; they are the caller's. */
  public static Reconcilers start(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      ImageGarbage garbage,
      ManifestSets sets,
      AccountTokens accounts,
      ControllerConfig config) {
    return start(
        resources, cache, runtime, images, garbage, sets, accounts, config, InstantSource.system());
  }

  static Reconcilers start(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      ImageGarbage garbage,
      ManifestSets sets,
      AccountTokens accounts,
      ControllerConfig config,
      InstantSource clock) {
    Reconcilers reconcilers =
        new Reconcilers(resources, cache, runtime, images, garbage, sets, accounts, config, clock);
    reconcilers.begin();
    return reconcilers;
  }

  private static ScheduledThreadPoolExecutor timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("reconcile-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return timer;
  }

  private PodReconciler pods(ImageStore images, Leases leases, AccountTokens accounts) {
    return new PodReconciler(
        new PodReconciler.Parts(
            resources,
            cache,
            runtime,
            images,
            leases,
            dependents,
            probes,
            notes,
            events,
            loops,
            lookups,
            accounts,
            this::addressed,
            clock),
        config.dataDir(),
        config.nodeName(),
        config.hostIp(),
        new Machine(Runtime.getRuntime().availableProcessors(), ProcStat.totalMemory()),
        config.api());
  }

  private void addressed(StoredObject pod) {
    policies.addressed(pod);
    services.addressed(pod);
  }

  private void register(ImageStore images, Leases leases, ManifestSets sets) {
    register(ResourceKind.POD, config.workers(), pods);
    register(
        ResourceKind.CONTAINER,
        config.workers(),
        new ContainerReconciler(resources, notes, events, clock));
    register(
        ResourceKind.IMAGE,
        FEW_WORKERS,
        new ImageReconciler(
            resources,
            cache,
            runtime,
            images,
            garbage,
            new PullSecrets(resources, config.login()),
            builds,
            new ContainerContents(resources, runtime, images),
            loops,
            lookups,
            dependents,
            events,
            clock));
    register(
        ResourceKind.NETWORK,
        FEW_WORKERS,
        new NetworkReconciler(
            resources, cache, runtime, leases, notes, loops::enqueue, events, clock));
    register(ResourceKind.SERVICE, FEW_WORKERS, services);
    register(ResourceKind.NETWORK_POLICY, 1, policies);
    register(
        ResourceKind.VOLUME,
        FEW_WORKERS,
        new VolumeReconciler(resources, cache, runtime, events, clock));
    register(
        ResourceKind.PERSISTENT_VOLUME_CLAIM,
        FEW_WORKERS,
        new ClaimReconciler(resources, cache, events, clock));
    register(
        ResourceKind.VOLUME_SNAPSHOT,
        FEW_WORKERS,
        new SnapshotReconciler(resources, cache, runtime, events, clock));
    register(ResourceKind.GIT_REPOSITORY, FEW_WORKERS, repositories);
    register(ResourceKind.MANIFEST_SOURCE, FEW_WORKERS, repositories);
    register(
        ResourceKind.DEPLOYMENT,
        FEW_WORKERS,
        new DeploymentReconciler(resources, cache, dependents, events, clock));
    register(
        ResourceKind.REPLICA_SET,
        FEW_WORKERS,
        new ReplicaSetReconciler(resources, cache, events, clock));
    register(ResourceKind.JOB, FEW_WORKERS, new JobReconciler(resources, cache, events, clock));
    register(
        ResourceKind.CRON_JOB, FEW_WORKERS, new CronJobReconciler(resources, cache, events, clock));
    register(
        ResourceKind.MANIFEST_SET,
        FEW_WORKERS,
        new ManifestSetReconciler(resources, cache, sets, events, clock));
    register(
        ResourceKind.NODE,
        1,
        new NodeReconciler(resources, runtime, config.nodeName(), config.hostIp(), clock));
    register(ResourceKind.CLUSTER_ROLE, FEW_WORKERS, new ClusterRoleReconciler(resources, cache));
    register(
        ResourceKind.CLUSTER_ROLE_BINDING,
        FEW_WORKERS,
        new ClusterRoleBindingReconciler(resources));
    register(
        ResourceKind.NAMESPACE,
        FEW_WORKERS,
        new NamespaceReconciler(resources, cache, config.authority()));
  }

  private void register(ResourceKind kind, int workers, Reconciler reconciler) {
    String name = kind.kind().toLowerCase(Locale.ROOT);
    loops.register(kind, loop(name, workers, reconciler));
  }

  private ControlLoop loop(String name, int workers, Reconciler reconciler) {
    return new ControlLoop(name, workers, reconciler, Reconcilers::isExpected, timer);
  }

  private static boolean isExpected(RuntimeException e) {
    return e instanceof ApiException || e instanceof RuntimeFailure || e instanceof ImageException;
  }

  private void begin() {
    loops.start();
    owners.start();
    loops.enqueue(new ObjectRef(ResourceKind.NODE, "", config.nodeName()));
    ClusterRoleReconciler.defaults().forEach(loops::enqueue);
    loops.enqueue(ObjectRef.API_SERVICE);
    lookAgainAfter(config.resync());
    every(EVENT_EXPIRY, events::expire);
    inBackground(() -> orphans().sweep(runtime.sandboxes()));
  }

  private void happened(RuntimeEvent event) {
    if (event instanceof RuntimeEvent.Resync) {
      pods.resync();
      services.resync();
      policies.resync();
      inBackground(garbage::collectIfRequested); // what the runtime went away from
    }
    if (event instanceof RuntimeEvent.VolumeChanged lost) {
      pods.lost(lost.volumeId());
    }
    router.happened(event);
  }

  private Orphans orphans() {
    return new Orphans(resources, cache, runtime);
  }

  private void lookAgainAfter(Duration pause) {
    after(pause, () -> look(pause));
  }

  /** At everything, and then again and again; one that failed tells nothing of what looks cost. */
  private void look(Duration pause) {
    long began = System.nanoTime();
    Duration next = config.resync();
    try {
      resync(pause);
      next = LookPause.after(Duration.ofNanos(System.nanoTime() - began), config.resync());
    } finally {
      if (!timer.isShutdown()) {
        lookAgainAfter(next);
      }
    }
  }

  /**
   * Finds drift that made no event. Most often the sandboxes are asked for in one call, and only
   * Pods whose own has changed are reconciled; Containers follow their Pods.
   *
   * @param within the time over which objects are looked at, evenly
   */
  private void resync(Duration within) {
    List<Observed.Sandbox> sandboxes = runtime.sandboxes();
    if (resyncs.incrementAndGet() % THOROUGH == 0) {
      garbage.request(); // disks fill up, and what was held for a while is over, without an event
      router.lookWithin(within, object -> true);
    } else {
      Set<String> settled =
          sandboxes.stream()
              .filter(pods::isSettled)
              .map(sandbox -> sandbox.spec().id())
              .collect(Collectors.toSet());
      router.lookWithin(within, object -> mayHaveDrifted(object, settled));
    }
    orphans().sweep(sandboxes);
    services.sweep();
    policies.apply();
    garbage.collectIfRequested();
  }

  private static boolean mayHaveDrifted(StoredObject object, Set<String> settled) {
    return switch (object.ref().kind()) {
      case IMAGE, NETWORK, VOLUME, VOLUME_SNAPSHOT -> true;
      case SERVICE ->
          !object.ref().equals(ObjectRef.API_SERVICE); // has no port that others could take
      case POD -> !settled.contains(object.uid());
      case CONTAINER,
          GIT_REPOSITORY,
          MANIFEST_SOURCE,
          DEPLOYMENT,
          REPLICA_SET,
          JOB,
          CRON_JOB,
          MANIFEST_SET,
          NAMESPACE,
          NODE,
          CONFIG_MAP,
          SECRET,
          EVENT,
          SERVICE_ACCOUNT,
          ROLE,
          ROLE_BINDING,
          CLUSTER_ROLE,
          CLUSTER_ROLE_BINDING,
          ENDPOINTS,
          ENDPOINT_SLICE,
          NETWORK_POLICY,
          PERSISTENT_VOLUME_CLAIM,
          LEASE ->
          false;
    };
  }

  private void collectSoon() {
    garbage.request();
    if (!timer.isShutdown() && collecting.compareAndSet(false, true)) {
      after(
          COLLECT_AFTER,
          () -> {
            collecting.set(false);
            garbage.collectIfRequested();
          });
    }
  }

  private void after(Duration pause, Runnable task) {
    var _ = timer.schedule(() -> inBackground(task), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void every(Duration period, Runnable task) {
    var _ =
        timer.scheduleWithFixedDelay(
            () -> inBackground(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The timer's one thread is for timing. */
  private static void inBackground(Runnable task) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                LOG.warn("housekeeping is put off: {}", e.toString());
              }
            });
  }

  @Override
  public void close() {
    subscription.close();
    builds.close();
    repositories.close();
    probes.close();
    timer.shutdownNow();
    loops.close();
    owners.close();
  }
}
