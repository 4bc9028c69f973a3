package dev.jctl.controller.resources;

/** The Kubernetes whose API this is, as clients compare it with their own. */
public final class ServerVersion {
  public static final String MAJOR = "1";
  public static final String MINOR = "32";
  public static final String GIT = "v" + MAJOR + "." + MINOR + ".0+jctl";

  private ServerVersion() {}
}
