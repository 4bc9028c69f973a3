package dev.jctl.controller.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bearer tokens, in the form of kube-apiserver's {@code --token-auth-file}: a line each of {@code
 * token,user,uid[,"group,group"]}. Read again whenever it changes; a file that is not there has no
 * tokens.
 */
public final class TokenFile implements BearerTokens {
  private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);

  private final Path file;
  private volatile @Nullable Read last;

  private record Read(@Nullable FileTime changed, List<Entry> entries) {}

  private record Entry(String token, Identity identity) {}

  public TokenFile(Path file) {
    this.file = file;
  }

  /** For this API only. */
  @Override
  public Optional<Holder> holder(String token, List<String> audiences) {
    return audiences.contains(AccountTokens.ISSUER)
        ? named(token).map(identity -> new Holder(identity, List.of(AccountTokens.ISSUER)))
        : Optional.empty();
  }

  private Optional<Identity> named(String token) {
    byte[] offered = token.getBytes(StandardCharsets.UTF_8);
    Optional<Identity> found = Optional.empty();
    for (Entry entry : current().entries()) {
      // takes as long for a wrong token as for a nearly right one
      if (MessageDigest.isEqual(entry.token().getBytes(StandardCharsets.UTF_8), offered)) {
        found = Optional.of(entry.identity());
      }
    }
    return found;
  }

  private Read current() {
    Read read = last;
    FileTime changed = changed();
    if (read == null || !Objects.equals(changed, read.changed())) {
      read = new Read(changed, changed == null ? List.of() : entries());
      last = read;
    }
    return read;
  }

  private @Nullable FileTime changed() {
    try {
      return Files.getLastModifiedTime(file);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      LOG.warn("cannot read {}: {}", file, e.toString());
      return null;
    }
  }

  private List<Entry> entries() {
    try {
      List<Entry> entries = new ArrayList<>();
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#")) {
          parse(line).ifPresentOrElse(entries::add, warnOf(i + 1));
        }
      }
      return entries;
    } catch (IOException e) {
      LOG.warn("cannot read {}: {}", file, e.toString());
      return List.of();
    }
  }

  private Runnable warnOf(int line) {
    return () -> LOG.warn("{}:{}: ignored: expected token,user,uid[,\"group,group\"]", file, line);
  }

  private static Optional<Entry> parse(String line) {
    String[] parts = line.split(",", 4);
    if (parts.length < 3 || parts[0].isBlank() || parts[1].isBlank()) {
      return Optional.empty();
    }
    List<String> groups =
        parts.length < 4
            ? List.of()
            : Arrays.stream(parts[3].replace("\"", "").split(","))
                .map(String::strip)
                .filter(group -> !group.isEmpty())
                .toList();
    return Optional.of(
        new Entry(parts[0].strip(), Identity.of(parts[1].strip(), parts[2].strip(), groups)));
  }
}
