package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Records of a program in the making, and the short sequences that many steps share. */
final class ProgramBuilder {
  static final Number AT_FDCWD = new Number(-100, "AT_FDCWD");
  static final Number NULL = new Number(0, "NULL");

  private static final long O_PATH = 010000000;
  private static final long O_CLOEXEC = 02000000;
  private static final long O_DIRECTORY = 0200000;
  private static final long O_WRONLY = 1;
  private static final long S_IFREG = 0100000;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_IN_ROOT = 0x10;
  private static final Number HOW_BYTES = new Number(24, "24");

  private final List<SyscallRecord> records = new ArrayList<>();

  Result add(SyscallRecord record) {
    records.add(record);
    return new Result(records.size() - 1);
  }

  Result add(String what, String call, Argument... arguments) {
    return add(SyscallRecord.of(what, call, arguments));
  }

  List<SyscallRecord> records() {
    return records;
  }

  /** What is opened by {@link #open}. */
  enum Open {
    PATH(O_PATH, "O_PATH"),
    DIRECTORY(O_PATH | O_DIRECTORY, "O_PATH|O_DIRECTORY"),
    READ(0, "O_RDONLY"),
    WRITE(O_WRONLY, "O_WRONLY");

    private final Number flags;

    /** What openat2 takes in place of them. */
    private final Struct how;

    Open(long flags, String text) {
      this.flags = new Number(flags | O_CLOEXEC, text + "|O_CLOEXEC");
      this.how =
          new Struct(
              List.of(this.flags.value(), 0L, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS),
              "{" + this.flags.text() + ", RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}");
    }
  }

  /**
   * Opens beneath {@code root}, through no symbolic link that leads out of it nor magic one,
   * however the image was made.
   */
  static SyscallRecord open(Argument root, String path, Open kind) {
    return open(root, path, kind, "");
  }

  private static SyscallRecord open(Argument root, String path, Open kind, String use) {
    return SyscallRecord.of(
        "open " + path + use, "openat2", root, new Text(path), kind.how, HOW_BYTES);
  }

  /** Opens a path of the host, before the root is changed. */
  static SyscallRecord openHost(String path, Open kind) {
    return SyscallRecord.of("open " + path, "openat", AT_FDCWD, new Text(path), kind.flags);
  }

  /** Makes what is missing of a directory and opens it. */
  Result directory(Argument root, String path) {
    return directory(root, path, "");
  }

  /** The one that the process begins in, which who cannot have it is told. */
  Result workingDirectory(Argument root, String path) {
    return directory(root, path, ", the working directory");
  }

  private Result directory(Argument root, String path, String use) {
    List<String> names = names(path);
    if (names.isEmpty()) {
      return add(open(root, "/", Open.DIRECTORY));
    }
    Argument parent = root;
    Result made = new Result(0);
    StringBuilder walked = new StringBuilder();
    for (String name : names) {
      walked.append('/').append(name);
      add(
          SyscallRecord.of(
                  "mkdir " + walked, "mkdirat", parent, new Text(name), new Number(0755, "0755"))
              .tolerating(SyscallRecord.EEXIST));
      made = add(open(root, walked.toString(), Open.DIRECTORY, use));
      parent = made;
    }
    return made;
  }

  /** Makes a file to mount on, and the directories above it, when missing, and opens it. */
  Result file(Argument root, String path) {
    int slash = path.lastIndexOf('/');
    Result parent = directory(root, path.substring(0, slash));
    add(
        SyscallRecord.of(
                "make file " + path,
                "mknodat",
                parent,
                new Text(path.substring(slash + 1)),
                new Number(S_IFREG | 0644, "S_IFREG|0644"),
                number(0))
            .tolerating(SyscallRecord.EEXIST));
    return add(open(root, path, Open.PATH));
  }

  static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        throw Invalid.of("path " + path + " must not contain ..");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }

  /** Writes a file by its path, seen from where the process is. */
  void write(Argument root, String path, String content, String what) {
    Result file = add(open(root, path, Open.WRITE));
    add(
        what,
        "write",
        file,
        new Text(content),
        number(content.getBytes(StandardCharsets.UTF_8).length));
  }
}
