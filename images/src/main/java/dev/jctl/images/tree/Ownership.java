package dev.jctl.images.tree;

import dev.jctl.images.ImageBuild.CopyRequest.Owners;
import dev.jctl.images.LayerArchive.Attributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose copied files are and who may do what with them.
 *
 * @param user null: as {@code owners} says
 * @param mode null: as they are
 */
public record Ownership(Owners owners, @Nullable User user, @Nullable ModeChange mode) {
  record User(int uid, int gid) {}

  /**
   * @param chown {@code user[:group]}, by name or number
   * @param chmod as chmod(1) takes it
   * @param passwd the image's /etc/passwd; {@code group}: its /etc/group
   * @throws IllegalArgumentException for a name that is not there, or a mode that is none
   */
  public static Ownership of(
      Owners owners, @Nullable String chown, @Nullable String chmod, String passwd, String group) {
    return new Ownership(
        owners,
        chown == null ? null : user(chown, passwd, group),
        chmod == null ? null : ModeChange.parse(chmod));
  }

  private static User user(String chown, String passwd, String group) {
    int colon = chown.indexOf(':');
    String name = colon < 0 ? chown : chown.substring(0, colon);
    Optional<List<String>> line = line(passwd, name);
    int uid =
        number(name)
            .or(() -> line.map(f -> Integer.valueOf(f.get(2))))
            .orElseThrow(() -> unknown("user", name, "/etc/passwd"));
    if (colon < 0) {
      return new User(
          uid,
          number(name).isPresent() ? uid : line.map(f -> Integer.parseInt(f.get(3))).orElse(uid));
    }
    String groupName = chown.substring(colon + 1);
    int gid =
        number(groupName)
            .or(() -> line(group, groupName).map(f -> Integer.valueOf(f.get(2))))
            .orElseThrow(() -> unknown("group", groupName, "/etc/group"));
    return new User(uid, gid);
  }

  private static Optional<Integer> number(String text) {
    return text.matches("\\d{1,9}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
  }

  private static IllegalArgumentException unknown(String kind, String name, String file) {
    return new IllegalArgumentException(
        "--chown: the image has no " + kind + " " + name + " in " + file);
  }

  private static Optional<List<String>> line(String table, String name) {
    return table
        .lines()
        .map(line -> List.of(line.split(":", -1)))
        .filter(f -> f.size() >= 3 && f.getFirst().equals(name))
        .filter(
            f ->
                f.get(2).matches("\\d{1,9}")
                    && (f.size() < 4 || f.size() < 7 || f.get(3).matches("\\d{1,9}")))
        .findFirst();
  }

  int newUid() {
    return user == null ? 0 : user.uid();
  }

  int newGid() {
    return user == null ? 0 : user.gid();
  }

  int uid(Attributes source) {
    return user == null && owners == Owners.AS_THEY_ARE ? source.uid() : newUid();
  }

  int gid(Attributes source) {
    return user == null && owners == Owners.AS_THEY_ARE ? source.gid() : newGid();
  }

  /** Of a symbolic link there is nothing to be said. */
  int mode(Node.Kind kind, int source) {
    return mode == null || kind instanceof Node.Kind.Symlink
        ? source
        : mode.applied(source, kind instanceof Node.Kind.Directory);
  }

  Map<String, byte[]> xattrs(Attributes source) {
    return owners == Owners.AS_THEY_ARE ? source.xattrs() : Map.of();
  }
}
