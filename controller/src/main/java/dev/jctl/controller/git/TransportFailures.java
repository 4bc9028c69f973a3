package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.jspecify.annotations.Nullable;

/** What went wrong on the way → what a person can act on. Pure. */
final class TransportFailures {
  private TransportFailures() {}

  static GitException of(Remote remote, Throwable e, Bounds bounds) {
    if (bounds.isTooLarge()) {
      return new GitException(
          Reason.TOO_LARGE,
          remote.url() + " is larger than " + (Bounds.MAX_BYTES >> 20) + " MiB without its history",
          e);
    }
    if (bounds.isLate() || e instanceof TimeoutException) {
      return new GitException(
          Reason.TIMED_OUT,
          remote.url() + " took longer than " + remote.timeout().toSeconds() + " s",
          e);
    }
    String message = String.valueOf(e.getMessage());
    return new GitException(
        reason(e), message.contains(remote.url()) ? message : remote.url() + ": " + message, e);
  }

  private static Reason reason(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      Reason known = known(cause);
      if (known != null) {
        return known;
      }
    }
    return Reason.FAILED;
  }

  private static @Nullable Reason known(Throwable e) {
    return switch (e) {
      case NoRemoteRepositoryException none -> Reason.NO_SUCH_REPOSITORY;
      case UnknownHostException unknown -> Reason.UNREACHABLE;
      case ConnectException refused -> Reason.UNREACHABLE;
      case NoRouteToHostException away -> Reason.UNREACHABLE;
      case SocketTimeoutException silent -> Reason.TIMED_OUT;
      case SSLException untrusted -> Reason.UNREACHABLE;
      default -> worded(String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
    };
  }

  /** JGit tells these apart by its texts alone. */
  private static @Nullable Reason worded(String message) {
    if (message.contains("server key did not validate") || message.contains("host key")) {
      return Reason.UNKNOWN_HOST_KEY;
    }
    if (message.contains("not authorized")
        || message.contains("authentication")
        || message.contains("auth fail")
        || message.contains("403 forbidden")) {
      return Reason.UNAUTHORIZED;
    }
    return message.contains("connection refused") || message.contains("unknown host")
        ? Reason.UNREACHABLE
        : null;
  }
}
