package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.OciSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Users by the passwd(5) and group(5) files of an image. */
final class UserFiles {
  /** Nobody's account files are larger; one that is fills our memory. */
  private static final int MOST_BYTES = 1 << 20;

  private static final Pattern NUMBER = Pattern.compile("\\d{1,10}");

  private record Account(String name, int uid, int gid, String home) {}

  private record Group(String name, int gid, List<String> members) {}

  private final List<Account> accounts;
  private final List<Group> groups;

  private UserFiles(List<Account> accounts, List<Group> groups) {
    this.accounts = accounts;
    this.groups = groups;
  }

  static UserFiles of(Path rootfs) {
    int root = Kernel.open(rootfs.toString(), Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      return parse(read(root, "etc/passwd"), read(root, "etc/group"));
    } finally {
      Kernel.close(root);
    }
  }

  /** Lines that are no accounts or groups are passed over, as libc does. */
  static UserFiles parse(String passwd, String group) {
    List<Account> accounts = new ArrayList<>();
    for (String line : passwd.lines().toList()) {
      String[] f = line.split(":", -1);
      if (f.length >= 6 && isId(f[2]) && isId(f[3])) {
        accounts.add(new Account(f[0], Integer.parseInt(f[2]), Integer.parseInt(f[3]), f[5]));
      }
    }
    List<Group> groups = new ArrayList<>();
    for (String line : group.lines().toList()) {
      String[] f = line.split(":", -1);
      if (f.length >= 4 && isId(f[2])) {
        groups.add(new Group(f[0], Integer.parseInt(f[2]), List.of(f[3].split(",", -1))));
      }
    }
    return new UserFiles(accounts, groups);
  }

  private static boolean isId(String text) {
    return NUMBER.matcher(text).matches() && Long.parseLong(text) <= Integer.MAX_VALUE;
  }

  /** Beneath the root, and a regular file: neither a link out of it nor a FIFO to wait for. */
  private static String read(int root, String path) {
    int flags = Kernel.O_RDONLY | Kernel.O_NONBLOCK;
    int fd;
    try {
      fd =
          Kernel.openat2(
              root, path, flags, 0, Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return "";
      }
      throw e;
    }
    try {
      return content(fd, path);
    } catch (IOException e) {
      throw new UncheckedIOException("read /" + path, e);
    } finally {
      Kernel.close(fd);
    }
  }

  private static String content(int fd, String path) throws IOException {
    if (!Files.isRegularFile(Path.of("/proc/self/fd/" + fd))) {
      throw invalid("/" + path + " of the image is no regular file");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[16 << 10];
    for (int n = Kernel.read(fd, buffer); n > 0; n = Kernel.read(fd, buffer)) {
      bytes.write(buffer, 0, n);
      if (bytes.size() > MOST_BYTES) {
        throw invalid("/" + path + " of the image is larger than " + MOST_BYTES + " bytes");
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  Launcher.ResolvedUser resolve(String text) {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    Optional<Account> account = account(user);
    int uid = account.map(Account::uid).orElseGet(() -> Integer.parseInt(user));
    String home =
        account.map(Account::home).filter(h -> !h.isEmpty()).orElse(uid == 0 ? "/root" : "/");
    if (colon >= 0 && colon < text.length() - 1) {
      int gid = gid(text.substring(colon + 1));
      return new Launcher.ResolvedUser(new OciSpec.User(uid, gid, null, List.of()), home);
    }
    int gid = account.map(Account::gid).orElse(0);
    List<Integer> more = colon < 0 ? memberships(account) : List.of();
    return new Launcher.ResolvedUser(new OciSpec.User(uid, gid, null, more), home);
  }

  /** A name is looked for before a number; a number need not be there. */
  private Optional<Account> account(String user) {
    Optional<Account> named = first(accounts, a -> a.name().equals(user));
    if (named.isPresent()) {
      return named;
    }
    if (!isId(user)) {
      throw invalid("user \"" + user + "\" is not in /etc/passwd of the image");
    }
    return first(accounts, a -> a.uid() == Integer.parseInt(user));
  }

  private int gid(String text) {
    Optional<Group> named = first(groups, g -> g.name().equals(text));
    if (named.isEmpty() && !isId(text)) {
      throw invalid("group \"" + text + "\" is not in /etc/group of the image");
    }
    return named.map(Group::gid).orElseGet(() -> Integer.parseInt(text));
  }

  private List<Integer> memberships(Optional<Account> account) {
    return account
        .map(
            a ->
                groups.stream()
                    .filter(g -> g.members().contains(a.name()))
                    .map(Group::gid)
                    .distinct()
                    .toList())
        .orElse(List.of());
  }

  private static <T> Optional<T> first(List<T> all, Predicate<T> wanted) {
    return all.stream().filter(wanted).findFirst();
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Reason.INVALID, message);
  }
}
