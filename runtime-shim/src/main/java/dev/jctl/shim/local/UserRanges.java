package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Users;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Which of the machine's ids the users of sandboxes have, so that no two sandboxes of any instance
 * have one in common. A claim is a link in a directory of the machine's, named by the first id, to
 * the directory in which the instance that has it keeps namespaces. One that leads nowhere is
 * nobody's any more.
 *
 * @see <a href="https://systemd.io/UIDS-GIDS/">Users, Groups, UIDs and GIDs on systemd systems</a>
 *     where these ids are nobody's
 */
final class UserRanges {
  private static final int LOWEST = 0x7000_0000;
  private static final int RANGES = 0x1000;

  private final Path claims;
  private final Path namespaces;
  private int next;

  /**
   * @param instance 8 hex digits
   * @param namespaces where the instance keeps them
   */
  UserRanges(Path claims, String instance, Path namespaces) {
    this.claims = claims;
    this.namespaces = namespaces;
    this.next = Integer.parseUnsignedInt(instance, 16) & (RANGES - 1);
  }

  /** First id of a range that nobody else has. */
  int claim() {
    RecordFiles.makeDirectories(namespaces);
    for (int tried = 0; tried < RANGES; tried++) {
      int first = LOWEST + following() * Users.COUNT;
      if (isClaimed(first)) {
        return first;
      }
    }
    throw new RuntimeFailure(
        Reason.NO_SPACE, "all " + RANGES + " ranges of users in " + claims + " are taken");
  }

  /** Whether it is ours now; false when it was somebody's. */
  private boolean isClaimed(int first) {
    try {
      Files.createSymbolicLink(claim(first), namespaces);
      return true;
    } catch (FileAlreadyExistsException taken) {
      return false;
    } catch (NoSuchFileException noDirectory) {
      // the first claim of all, or the instance that left last has just removed it
      RecordFiles.makeDirectories(claims);
      return isClaimed(first);
    } catch (IOException e) {
      throw Failures.of("claim users in " + claims, e);
    }
  }

  private synchronized int following() {
    int range = next;
    next = (next + 1) & (RANGES - 1);
    return range;
  }

  private Path claim(int first) {
    return claims.resolve(Integer.toString(first));
  }

  /** Nothing has these ids any more. */
  void giveBack(int first) {
    RecordFiles.delete(claim(first));
  }

  /** Gives back what this instance has claimed for none of these, and what is nobody's any more. */
  void sweep(Set<Integer> held) {
    RecordFiles.entries(claims).stream()
        .filter(claim -> Files.notExists(claim) || (isOurs(claim) && !held.contains(first(claim))))
        .forEach(RecordFiles::delete);
  }

  private boolean isOurs(Path claim) {
    try {
      return Files.readSymbolicLink(claim).equals(namespaces);
    } catch (NoSuchFileException givenBack) {
      return false;
    } catch (IOException e) {
      throw Failures.of("read " + claim, e);
    }
  }

  private static int first(Path claim) {
    return Integer.parseInt(claim.getFileName().toString());
  }
}
