package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Users;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.network.Networking;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** One sandbox: its namespaces, files, group and interfaces. */
final class SandboxLife {
  /** Of those that are made for a sandbox. */
  private static final Set<SandboxSpec.HostNamespace> SHARED =
      Set.of(SandboxSpec.HostNamespace.NETWORK, SandboxSpec.HostNamespace.IPC);

  private final Services services;
  private final Networking networking;
  private final SharedProcesses processes;
  private volatile SandboxSpec spec;
  private final Undo undo = new Undo();
  private volatile boolean begun;
  private volatile boolean made;
  private volatile Groundwork groundwork = Groundwork.none();
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** Volumes that its group was given, so that not each of its containers does it again. */
  private final Set<String> furnished = ConcurrentHashMap.newKeySet();

  /**
   * @param made it is there already
   */
  SandboxLife(Services services, Networking networking, SandboxSpec spec, boolean made) {
    this.begun = made;
    this.made = made;
    this.services = services;
    this.networking = networking;
    this.processes = new SharedProcesses(services);
    this.spec = spec;
  }

  SandboxSpec spec() {
    return spec;
  }

  /** Held by who makes something in it. */
  Lock use() {
    return lock.readLock();
  }

  /** Held by who makes, repairs or removes it. */
  Lock change() {
    return lock.writeLock();
  }

  boolean hasNetworkNamespace() {
    return !spec.hostNamespaces().contains(SandboxSpec.HostNamespace.NETWORK);
  }

  Path namespaces() {
    return services.places().namespaces(spec.id());
  }

  Path networkNamespace() {
    return namespaces().resolve("net");
  }

  private Path directory() {
    return services.places().sandbox(spec.id());
  }

  /**
   * Makes what its containers need to be made: namespaces. Its files and groups may come a little
   * later. A no-op when it was begun.
   */
  void begin() {
    if (begun) {
      return;
    }
    try {
      makeBeginning();
      begun = true;
    } catch (RuntimeException e) {
      throw takeBack(failure(e));
    }
  }

  private void makeBeginning() {
    if (spec.sharedProcesses() && spec.hostNamespaces().contains(SandboxSpec.HostNamespace.PID)) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "sandbox " + spec.id() + " cannot have shared processes and the host's at once");
    }
    undo.push(() -> RecordFiles.deleteTree(directory()));
    boolean prepared = services.prepared().sandboxes().take(directory());
    if (!prepared) {
      RecordFiles.makeDirectories(directory());
    }
    undo.push(() -> services.cgroups().removeSandbox(spec.id()));
    groundwork = Groundwork.begin(this::makeGroupsAndFiles);
    undo.push(groundwork::settle);
    makeNamespaces();
    if (!prepared) {
      awaitGroundwork();
    }
    if (spec.sharedProcesses()) {
      awaitGroundwork();
      undo.push(() -> processes.end(spec.id()));
      processes.make(spec.id(), namespaces());
    }
  }

  /**
   * Makes the rest, before anything runs in it: while its first container sets itself up, if that
   * was begun. A no-op when it is there. May be called again after it failed.
   */
  void create() {
    if (made) {
      return;
    }
    begin();
    try {
      makeRest();
    } catch (RuntimeException e) {
      throw failure(e);
    }
    made = true;
    undo.forget();
  }

  private void makeRest() {
    if (hasNetworkNamespace()) {
      undo.push(() -> networking.detach(spec.id()));
      networking.attach(spec, networkNamespace());
    }
    awaitGroundwork();
    users().ifPresent(this::giveFiles);
    services.records().writeNew(services.places().sandboxRecord(spec.id()), spec);
  }

  private RuntimeFailure failure(RuntimeException cause) {
    return Failures.of("create sandbox " + spec.id(), cause);
  }

  /** Takes back what was made of it when the rest could not be. */
  <T extends Exception> T takeBack(T cause) {
    return undo.after(cause);
  }

  /** Returns when its group is there, if it has one, and its files. */
  void awaitGroundwork() {
    groundwork.await();
  }

  /** Groups first, as a container makes its own in them. */
  private void makeGroupsAndFiles() {
    var _ = services.prepared().groups().take(Path.of(spec.id()));
    services.cgroups().createSandbox(spec.id(), spec.resources());
    writeFiles();
  }

  /** The namespace of those that its containers share, if they do. */
  Optional<Path> processes() {
    return spec.sharedProcesses() ? Optional.of(namespaces().resolve("pid")) : Optional.empty();
  }

  boolean isFurnished(String volumeId) {
    return furnished.contains(volumeId);
  }

  void furnished(String volumeId) {
    furnished.add(volumeId);
  }

  private void makeNamespaces() {
    undo.push(() -> services.users().remove(namespaces()));
    if (services.users().wanted(spec)) {
      if (!services.prepared().userNamespaces().take(namespaces())) {
        RecordFiles.makeDirectories(namespaces());
        services.users().make(namespaces());
      }
      Users users = users().orElseThrow();
      services.launcher().settleNamespaces(spec, namespaces(), users);
    } else if (spec.hostNamespaces().stream().noneMatch(SHARED::contains)
        && services.prepared().namespaces().take(namespaces())) {
      services.launcher().settleNamespaces(spec, namespaces());
    } else {
      RecordFiles.makeDirectories(namespaces());
      services.launcher().createNamespaces(spec, namespaces());
    }
  }

  /** Root inside may change them. */
  private void giveFiles(Users users) {
    for (String name : OciCompletion.SANDBOX_FILES.keySet()) {
      Kernel.chown(directory().resolve(name).toString(), users.first(), users.first());
    }
  }

  /** Its own, if it has. */
  Optional<Users> users() {
    return spec.users() == SandboxSpec.Users.HOST
        ? Optional.empty()
        : services.users().of(namespaces());
  }

  /** Makes in that directory, empty, what is written there once its sandbox is known. */
  static void prepare(Path directory) {
    for (String name : OciCompletion.SANDBOX_FILES.keySet()) {
      RecordFiles.prepare(directory.resolve(name));
    }
    RecordFiles.prepare(directory.resolve(Places.SANDBOX_RECORD));
  }

  private void writeFiles() {
    try {
      write("hosts", SandboxFiles.hosts(spec));
      write("hostname", SandboxFiles.hostname(spec));
      write("resolv.conf", SandboxFiles.resolvConf(spec, services.hostResolvConf().get()));
    } catch (IOException e) {
      throw Failures.of("write files of sandbox " + spec.id(), e);
    }
  }

  /** In place: its containers have mounted it. */
  private void write(String name, String content) throws IOException {
    RecordFiles.write(directory().resolve(name), content.getBytes(StandardCharsets.UTF_8));
  }

  /** On disk first: what a kill leaves undone is drift then, or of nobody. */
  void update(SandboxSpec wanted) {
    if (!changeable(spec, wanted).equals(wanted)) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "sandbox " + spec.id() + " can only have its networks, names and labels changed");
    }
    try {
      services.records().write(services.places().sandboxRecord(spec.id()), wanted);
      spec = wanted;
      writeFiles();
      repair();
    } catch (RuntimeException e) {
      throw Failures.of("update sandbox " + spec.id(), e);
    }
  }

  private static SandboxSpec changeable(SandboxSpec spec, SandboxSpec wanted) {
    return new SandboxSpec(
        spec.id(),
        spec.hostname(),
        spec.hostNamespaces(),
        wanted.networks(),
        wanted.dns(),
        wanted.hosts(),
        spec.sysctls(),
        spec.resources(),
        wanted.labels(),
        spec.users(),
        spec.sharedProcesses());
  }

  void repair() {
    if (hasNetworkNamespace()) {
      networking.attach(spec, networkNamespace());
    }
  }

  /** Its containers are gone. May be called again after it failed. */
  void remove() {
    try {
      networking.publishPorts(spec.id(), List.of());
      if (hasNetworkNamespace()) {
        networking.detach(spec.id());
      }
      if (spec.sharedProcesses()) {
        processes.end(spec.id());
      }
      services.users().remove(namespaces());
      services.cgroups().removeSandbox(spec.id());
      RecordFiles.delete(services.places().sandboxRecord(spec.id()));
      RecordFiles.deleteTree(directory());
    } catch (RuntimeException e) {
      throw Failures.of("remove sandbox " + spec.id(), e);
    }
  }

  boolean namespacesPresent() {
    return (!hasNetworkNamespace() || isMountPoint(networkNamespace()))
        && isMountPoint(namespaces().resolve("uts"))
        && (!spec.sharedProcesses() || processes.present(spec.id()));
  }

  private static boolean isMountPoint(Path file) {
    return Devices.differ(file, file.resolveSibling("."));
  }

  Observed.Sandbox observe(List<Observed.Container> containers) {
    boolean present = namespacesPresent();
    List<Observed.Attachment> attachments =
        present && hasNetworkNamespace()
            ? networking.attachments(spec, networkNamespace())
            : List.of();
    return new Observed.Sandbox(spec, present, attachments, containers);
  }
}
