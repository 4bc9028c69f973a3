package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.transport.URIish;

/**
 * What {@code .gitmodules} says of where submodules are from. It is written by whoever commits:
 * what it names is asked as a stranger would ask it, and never anything of this machine. Pure.
 */
final class Submodules {
  static final int MAX = 20;
  private static final String SECTION = "submodule";
  private static final Pattern REMOTE = Pattern.compile("(https|ssh)://[^\\s/-][^\\s/]*/\\S+");
  private static final Pattern SCP = Pattern.compile("[\\w.][\\w.-]*@[\\w.][\\w.-]*:[^-\\s]\\S*");
  private static final Pattern RELATIVE = Pattern.compile("\\.\\.?/\\S+");

  private final Remote parent;
  private final Map<String, String> urls;

  private Submodules(Remote parent, Map<String, String> urls) {
    this.parent = parent;
    this.urls = urls;
  }

  /** {@code text}: of the file {@code .gitmodules}. */
  static Submodules parse(Remote parent, String text) {
    Config config = new Config();
    try {
      config.fromText(text);
    } catch (ConfigInvalidException e) {
      throw new GitException(
          Reason.BAD_CONTENT, ".gitmodules cannot be read: " + e.getMessage(), e);
    }
    Map<String, String> urls = new HashMap<>();
    for (String name : config.getSubsections(SECTION)) {
      String path = config.getString(SECTION, name, "path");
      String url = config.getString(SECTION, name, "url");
      if (path != null && url != null) {
        urls.put(path, url);
      }
    }
    return new Submodules(parent, urls);
  }

  /**
   * How the commit of a submodule is asked for. Submodules that it has itself are passed over.
   *
   * @throws GitException when it is not to be asked for at all
   */
  Remote remote(String path, String commit) {
    String url = urls.get(path);
    if (url == null) {
      throw bad(path, "has no url in .gitmodules");
    }
    String absolute = absolute(path, url);
    return new Remote(
        absolute,
        new GitRef.Commit(commit, Optional.empty()),
        isSameHost(absolute) ? parent.credentials() : new Credentials.None(),
        parent.authorities(),
        parent.timeout(),
        Extent.ALL);
  }

  private String absolute(String path, String url) {
    if (RELATIVE.matcher(url).matches() && !isLocal()) {
      return beside(path, url);
    }
    boolean loopback = parent.url().matches("(http|git)://.*") && isSameHost(url);
    if (!loopback && !REMOTE.matcher(url).matches() && !SCP.matcher(url).matches()) {
      throw bad(
          path,
          "is at "
              + url
              + "; only https://…, ssh://…, user@host:path and ../path on the same server are"
              + " fetched");
    }
    return url;
  }

  private boolean isLocal() {
    return parent.url().startsWith("/") || parent.url().startsWith("file:");
  }

  /** As git has it: from the parent's own address, which is taken for a directory. */
  private String beside(String path, String url) {
    int from = pathStart(parent.url());
    List<String> steps = new ArrayList<>(List.of(parent.url().substring(from).split("/")));
    for (String step : List.of(url.split("/"))) {
      switch (step) {
        case "", "." -> {}
        case ".." -> {
          if (steps.isEmpty()) {
            throw bad(path, "is at " + url + ", which is outside of the server");
          }
          steps.removeLast();
        }
        default -> steps.add(step);
      }
    }
    return parent.url().substring(0, from) + String.join("/", steps);
  }

  /** Where the path begins in {@code ssh://host/path} and {@code user@host:path}. */
  private static int pathStart(String url) {
    int scheme = url.indexOf("://");
    return scheme < 0 ? url.indexOf(':') + 1 : url.indexOf('/', scheme + 3) + 1;
  }

  private boolean isSameHost(String url) {
    try {
      URIish mine = new URIish(parent.url());
      URIish its = new URIish(url);
      return its.getPort() == mine.getPort()
          && String.valueOf(its.getScheme()).equals(String.valueOf(mine.getScheme()))
          && String.valueOf(its.getHost()).equals(String.valueOf(mine.getHost()));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static GitException bad(String path, String what) {
    return new GitException(Reason.BAD_CONTENT, "submodule " + path + " " + what);
  }
}
