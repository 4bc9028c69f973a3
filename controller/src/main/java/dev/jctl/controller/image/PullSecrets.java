package dev.jctl.controller.image;

import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.images.Keyring;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The credentials that images are pulled and pushed with: those of Secrets, then those of the user
 * that the controller runs as.
 */
public final class PullSecrets {
  private final Resources resources;
  private final Dependents dependents;
  private final Keyring user;

  /**
   * @param dependents learns whom a change of a Secret concerns
   */
  public PullSecrets(Resources resources, Dependents dependents, Keyring user) {
    this.resources = resources;
    this.dependents = dependents;
    this.user = user;
  }

  /** As the Secrets are now; the image is looked at again when one of them changes. */
  Keyring keyring(ObjectRef image, List<String> secrets) {
    Set<ObjectRef> refs = secrets.stream().map(s -> secret(image, s)).collect(Collectors.toSet());
    dependents.set(image, refs);
    SecretKeyring keyring = new SecretKeyring();
    for (String name : secrets) {
      keyring.add(name, resources.find(secret(image, name)).map(secret -> secret.tree()));
    }
    return keyring.then(user);
  }

  private static ObjectRef secret(ObjectRef image, String name) {
    return new ObjectRef(ResourceKind.SECRET, image.namespace(), name);
  }

  /** The image is gone. */
  void forget(ObjectRef image) {
    dependents.remove(image);
  }
}
