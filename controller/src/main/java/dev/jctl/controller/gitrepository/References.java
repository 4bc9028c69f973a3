package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.config.SecretText;
import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.TrustedKeys;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sops.AgeIdentity;
import dev.jctl.controller.sops.DecryptionException;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.ManifestSourceSpec;
import dev.jctl.manifests.model.ResourceKind;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The objects that a GitRepository or ManifestSource refers to. */
final class References {
  private static final String AGE_KEY = ".agekey";

  private final Resources resources;

  References(Resources resources) {
    this.resources = resources;
  }

  /** Those of which a change is to be heard of. */
  static Set<ObjectRef> all(ObjectRef repository, FollowedSpec spec) {
    Set<ObjectRef> all = new HashSet<>(Dependencies.refs(repository, spec));
    switch (spec) {
      case GitRepositorySpec git -> {
        if (git.secretRef() != null) {
          all.add(beside(repository, ResourceKind.SECRET, git.secretRef().name()));
        }
        all.addAll(keys(repository, git));
      }
      case ManifestSourceSpec source ->
          Origin.secrets(source).forEach(s -> all.add(PullSecrets.ref(repository.namespace(), s)));
    }
    if (spec.decryption() != null) {
      all.add(beside(repository, ResourceKind.SECRET, spec.decryption().secretRef().name()));
    }
    variables(spec).forEach(from -> all.add(from.ref(repository)));
    return all;
  }

  /** A source of variables. */
  private record VariablesFrom(ResourceKind kind, String name, boolean optional) {
    ObjectRef ref(ObjectRef repository) {
      return beside(repository, kind, name);
    }
  }

  private static List<VariablesFrom> variables(FollowedSpec spec) {
    return spec.substituteFrom() == null
        ? List.of()
        : spec.substituteFrom().stream()
            .map(
                from ->
                    new VariablesFrom(
                        "Secret".equals(from.kind())
                            ? ResourceKind.SECRET
                            : ResourceKind.CONFIG_MAP,
                        from.name(),
                        Boolean.TRUE.equals(from.optional())))
            .toList();
  }

  /** Objects with variables that are not there, in words. */
  List<String> missing(ObjectRef repository, FollowedSpec spec) {
    return variables(spec).stream()
        .filter(from -> !from.optional() && resources.find(from.ref(repository)).isEmpty())
        .map(from -> "spec.substituteFrom: " + from.ref(repository) + " is not there")
        .toList();
  }

  /** Those of the spec win. */
  Map<String, String> variables(ObjectRef repository, FollowedSpec spec) {
    Map<String, String> values = new LinkedHashMap<>();
    for (VariablesFrom from : variables(spec)) {
      resources.find(from.ref(repository)).map(References::texts).ifPresent(values::putAll);
    }
    if (spec.substitute() != null) {
      values.putAll(spec.substitute());
    }
    return values;
  }

  /** Which versions of them these are: another text when one of them changes. */
  String inputs(ObjectRef repository, FollowedSpec spec) {
    return String.join(
        ",",
        variables(spec).stream()
            .map(from -> from.ref(repository))
            .map(ref -> ref + "@" + resources.find(ref).map(References::version).orElse(""))
            .toList());
  }

  private static String version(StoredObject object) {
    return object.tree().at("/metadata/resourceVersion").asText();
  }

  private static ObjectRef beside(ObjectRef repository, ResourceKind kind, String name) {
    return new ObjectRef(kind, repository.namespace(), name);
  }

  private static Set<ObjectRef> keys(ObjectRef repository, GitRepositorySpec spec) {
    Set<ObjectRef> keys = new HashSet<>();
    GitRepositorySpec.Verify verify = spec.verify();
    if (verify != null && verify.secretRef() != null) {
      keys.add(beside(repository, ResourceKind.SECRET, verify.secretRef().name()));
    }
    if (verify != null && verify.configMapRef() != null) {
      keys.add(beside(repository, ResourceKind.CONFIG_MAP, verify.configMapRef().name()));
    }
    return keys;
  }

  /** What the remote asks for; empty when there is no such Secret. */
  Optional<Map<String, String>> secret(ObjectRef repository, FollowedSpec spec) {
    return spec instanceof GitRepositorySpec git && git.secretRef() != null
        ? resources
            .find(beside(repository, ResourceKind.SECRET, git.secretRef().name()))
            .map(References::texts)
        : Optional.empty();
  }

  /**
   * The keys that files are encrypted for.
   *
   * @throws DecryptionException when there is no such Secret
   */
  List<AgeIdentity> identities(ObjectRef repository, FollowedSpec spec) {
    if (spec.decryption() == null) {
      return List.of();
    }
    ObjectRef ref = beside(repository, ResourceKind.SECRET, spec.decryption().secretRef().name());
    StoredObject secret =
        resources
            .find(ref)
            .orElseThrow(
                () -> new DecryptionException("spec.decryption: " + ref + " is not there"));
    return AgeIdentity.parse(
        texts(secret).entrySet().stream()
            .filter(entry -> entry.getKey().endsWith(AGE_KEY))
            .map(Map.Entry::getValue)
            .toList());
  }

  /**
   * Whose commits are followed; empty: everybody's.
   *
   * @throws GitException when there are no keys
   */
  Optional<TrustedKeys> trusted(ObjectRef repository, FollowedSpec spec) {
    if (!(spec instanceof GitRepositorySpec git) || git.verify() == null) {
      return Optional.empty();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (ObjectRef ref : keys(repository, git)) {
      StoredObject object =
          resources
              .find(ref)
              .orElseThrow(() -> noKeys("spec.verify: " + ref + " is not there; create it"));
      texts.putAll(texts(object));
    }
    TrustedKeys keys = TrustedKeys.of(texts);
    if (keys.isEmpty()) {
      throw noKeys(
          "spec.verify: there are no keys; give the object allowed_signers, as ssh-keygen(1) has"
              + " it, or armored OpenPGP public keys");
    }
    return Optional.of(keys);
  }

  private static GitException noKeys(String message) {
    return new GitException(GitException.Reason.BAD_KEYS, message);
  }

  private static Map<String, String> texts(StoredObject object) {
    if (object.ref().kind() == ResourceKind.SECRET) {
      return SecretText.of(object);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : object.tree().path("data").properties()) {
      texts.put(entry.getKey(), entry.getValue().asText());
    }
    return texts;
  }
}
