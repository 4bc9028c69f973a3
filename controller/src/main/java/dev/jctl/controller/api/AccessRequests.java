package dev.jctl.controller.api;

import dev.jctl.controller.distribution.RegistryTarget;
import dev.jctl.controller.distribution.RepositoryName;
import dev.jctl.controller.rbac.AccessRequest;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a request wants to do, by its method and path alone: whether such a thing is served is
 * looked at later. Pure; as kube-apiserver's {@code RequestInfoFactory}.
 */
final class AccessRequests {
  private static final String NAMESPACES = "namespaces";
  private static final String REGISTRY = "/v2/";

  /** Of a namespace itself rather than objects in it. */
  private static final Set<String> OF_NAMESPACE = Set.of("status", "finalize");

  private AccessRequests() {}

  static AccessRequest of(String method, String path, Query query) {
    List<String> steps = ApiTarget.steps(path);
    if (path.startsWith(REGISTRY)) {
      return ofRegistry(method, path);
    }
    int prefix = steps.isEmpty() ? 0 : prefix(steps.getFirst());
    if (prefix == 0 || steps.size() <= prefix) {
      return new AccessRequest.OfPath(method.toLowerCase(Locale.ROOT), path);
    }
    String group = prefix == 3 ? steps.get(1) : "";
    return resource(method, group, steps.subList(prefix, steps.size()), query);
  }

  /** A registry's client wants Images of the namespace that its repository is in. */
  private static AccessRequest ofRegistry(String method, String path) {
    return RegistryTarget.parse(path)
        .flatMap(target -> ofRegistry(method, target))
        .orElseGet(() -> new AccessRequest.OfPath(method.toLowerCase(Locale.ROOT), path));
  }

  private static Optional<AccessRequest> ofRegistry(String method, RegistryTarget target) {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    return switch (target) {
      case RegistryTarget.Base t -> Optional.empty();
      case RegistryTarget.Catalog t -> Optional.empty();
      case RegistryTarget.BadName t -> Optional.empty();
      case RegistryTarget.Tags t -> Optional.of(images("list", t.name()));
      case RegistryTarget.Referrers t -> Optional.of(images("get", t.name()));
      case RegistryTarget.NewUpload t -> Optional.of(images("create", t.name()));
      case RegistryTarget.Upload t -> Optional.of(images("create", t.name()));
      case RegistryTarget.Blob t -> Optional.of(images(reads ? "get" : "delete", t.name()));
      case RegistryTarget.Manifest t ->
          Optional.of(
              images(reads ? "get" : method.equals("DELETE") ? "delete" : "create", t.name()));
    };
  }

  /** Of all of them: rights to single names say nothing about the blobs that Images share. */
  static AccessRequest images(String verb, RepositoryName name) {
    return images(verb, name.namespace());
  }

  static AccessRequest images(String verb, String namespace) {
    ResourceKind kind = ResourceKind.IMAGE;
    return new AccessRequest.OfResource(verb, kind.group(), kind.plural(), "", "", namespace);
  }

  /** How many steps come before the resource: group and version, or the version alone. */
  private static int prefix(String first) {
    return switch (first) {
      case "api" -> 2;
      case "apis" -> 3;
      default -> 0;
    };
  }

  private static AccessRequest resource(
      String method, String group, List<String> steps, Query query) {
    String namespace = "";
    List<String> rest = steps;
    if (steps.getFirst().equals(NAMESPACES) && steps.size() > 1) {
      namespace = steps.get(1);
      boolean within = steps.size() > 2 && !OF_NAMESPACE.contains(steps.get(2));
      rest = within ? steps.subList(2, steps.size()) : steps;
    }
    String name = rest.size() > 1 ? rest.get(1) : "";
    String subresource = rest.size() > 2 ? rest.get(2) : "";
    String verb = verb(method, name.isEmpty(), query);
    if (name.isEmpty()) {
      name = selectedName(query).orElse("");
    }
    return new AccessRequest.OfResource(verb, group, rest.getFirst(), subresource, name, namespace);
  }

  private static String verb(String method, boolean collection, Query query) {
    return switch (method) {
      case "GET", "HEAD" -> !collection ? "get" : isWatch(query) ? "watch" : "list";
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> collection ? "deletecollection" : "delete";
      default -> "";
    };
  }

  /** Whatever is said of it but no; whether it makes sense is looked at later. */
  private static boolean isWatch(Query query) {
    List<String> given = query.all("watch");
    return !given.isEmpty()
        && !List.of("false", "0").contains(given.getFirst().toLowerCase(Locale.ROOT));
  }

  /** Who selects one object by its name reads that one. */
  private static Optional<String> selectedName(Query query) {
    return query.text("fieldSelector").stream()
        .flatMap(selector -> Arrays.stream(selector.split(",", -1)))
        .map(term -> term.split("==?", 2))
        .filter(term -> term.length == 2 && term[0].strip().equals("metadata.name"))
        .map(term -> term[1].strip())
        .findFirst();
  }
}
