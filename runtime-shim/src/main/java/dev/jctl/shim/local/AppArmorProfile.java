package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Tool;
import dev.jctl.shim.observe.SecurityModules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The AppArmor profile of containers that name none, where AppArmor is in force: as with Docker and
 * containerd, no mounts, and no writing to what {@code /proc} and {@code /sys} have of the machine,
 * whatever capabilities a container was given. {@code apparmor_parser}, apparmor_parser(8), turns
 * it into what the kernel takes; it comes with the distribution's AppArmor.
 */
final class AppArmorProfile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AppArmorProfile.class);

  /** Asks for no profile at all. */
  static final String UNCONFINED = "unconfined";

  /** Asks for this one, and is refused without it. */
  static final String RUNTIME_DEFAULT = "runtime/default";

  private final String name;
  private final Optional<Path> parser;
  private final CompletableFuture<Boolean> loaded;

  private AppArmorProfile(String name, Optional<Path> parser, CompletableFuture<Boolean> loaded) {
    this.name = name;
    this.parser = parser;
    this.loaded = loaded;
  }

  /**
   * Begins to load it, in place of what an earlier process had loaded.
   *
   * @param instance of which it has its name: another's may be of another version
   */
  static AppArmorProfile of(String instance) {
    return SecurityModules.inForce().contains("apparmor") ? load(instance) : none();
  }

  static AppArmorProfile none() {
    return new AppArmorProfile("", Optional.empty(), CompletableFuture.completedFuture(false));
  }

  private static AppArmorProfile load(String instance) {
    String name = "jctl-" + instance;
    Optional<Path> parser =
        Stream.of("/usr/sbin/apparmor_parser", "/sbin/apparmor_parser")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    return new AppArmorProfile(
        name,
        parser,
        CompletableFuture.supplyAsync(
            () -> parser.isPresent() && parse(parser.get(), "--replace", name)));
  }

  /** Why containers have none although AppArmor is in force; empty when they have one. */
  Optional<String> warning() {
    if (name.isEmpty() || loaded.join()) {
      return Optional.empty();
    }
    return Optional.of(
        parser.isEmpty()
            ? "containers have no AppArmor profile: apparmor_parser is not installed (Debian:"
                + " package apparmor)"
            : "containers have no AppArmor profile: it could not be loaded, see the log");
  }

  /**
   * Name of the profile that a process gets, null for none.
   *
   * @param wanted null when nothing is said, {@link #UNCONFINED}, {@link #RUNTIME_DEFAULT} or a
   *     profile of the machine
   * @throws RuntimeFailure INVALID when this one is asked for and not there
   */
  @Nullable String resolve(@Nullable String wanted) {
    if (UNCONFINED.equals(wanted)) {
      return null;
    }
    boolean required = RUNTIME_DEFAULT.equals(wanted);
    if (wanted != null && !required) {
      return wanted;
    }
    if (loaded.join()) {
      return name;
    }
    if (required) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "there is no AppArmor profile "
              + RUNTIME_DEFAULT
              + ": "
              + warning().orElse("AppArmor is not in force on this machine")
              + "; leave it out, or ask for none (Unconfined)");
    }
    return null;
  }

  /** Of an instance that has no container any more. */
  @Override
  public void close() {
    if (loaded.join() && parser.isPresent()) {
      parse(parser.get(), "--remove", name);
    }
  }

  private static boolean parse(Path parser, String action, String name) {
    try {
      Tool.feed(
          List.of(parser.toString(), action, "--skip-cache"),
          in -> in.write(text(name).getBytes(StandardCharsets.UTF_8)));
      return true;
    } catch (RuntimeFailure e) {
      LOG.warn("AppArmor profile {}: {}", name, e.getMessage());
      return false;
    }
  }

  /**
   * In the language of apparmor.d(5) as all its versions since 2.13 know it. Detached trees and
   * deleted files have no path from the root, hence the flags.
   */
  static String text(String name) {
    return """
        profile "%1$s" flags=(attach_disconnected,mediate_deleted) {
          capability,
          dbus,
          file,
          network,
          umount,
          unix,
          ptrace peer="%1$s",
          signal (receive) peer=unconfined,
          signal peer="%1$s",

          deny mount,
          deny pivot_root,
          deny /proc/* w,
          deny /proc/kcore rwklx,
          deny /proc/sys/** w,
          deny /proc/sysrq-trigger rwklx,
          deny /sys/[^f]** wklx,
          deny /sys/f[^s]** wklx,
          deny /sys/fs/[^c]** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/kernel/security/** rwklx,
        }
        """
        .formatted(name);
  }
}
