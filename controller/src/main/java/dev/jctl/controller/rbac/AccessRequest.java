package dev.jctl.controller.rbac;

/** What somebody wants to do: Kubernetes' {@code authorizer.Attributes} without the user. */
public sealed interface AccessRequest {
  String verb();

  /** Empty: of the cluster. */
  String namespace();

  /**
   * Of objects. Texts that do not apply are empty.
   *
   * @param resource plural, without the subresource
   */
  record OfResource(
      String verb, String group, String resource, String subresource, String name, String namespace)
      implements AccessRequest {
    /** {@code pods/exec}. */
    String combined() {
      return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }
  }

  /** Of a path that names no object. */
  record OfPath(String verb, String path) implements AccessRequest {
    @Override
    public String namespace() {
      return "";
    }
  }

  /** In kube-apiserver's words. */
  default String refusal(String user) {
    return switch (this) {
      case OfPath p -> "User \"%s\" cannot %s path \"%s\"".formatted(user, p.verb(), p.path());
      case OfResource r ->
          "User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s"
              .formatted(
                  user,
                  r.verb(),
                  r.combined(),
                  r.group(),
                  r.namespace().isEmpty()
                      ? "at the cluster scope"
                      : "in the namespace \"" + r.namespace() + "\"");
    };
  }
}
