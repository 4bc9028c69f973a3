package dev.jctl.controller.image;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.images.Keyring;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;

/**
 * The credentials that images are pulled and pushed with: those of Secrets, then those of the user
 * that the controller runs as.
 *
 * @param user what that user has logged in to
 */
public record PullSecrets(Resources resources, Keyring user) {
  /** As the Secrets are now. */
  public Keyring keyring(String namespace, List<String> secrets) {
    SecretKeyring keyring = new SecretKeyring();
    for (String name : secrets) {
      keyring.add(name, resources.find(ref(namespace, name)).map(StoredObject::tree));
    }
    return keyring.then(user);
  }

  public static ObjectRef ref(String namespace, String name) {
    return new ObjectRef(ResourceKind.SECRET, namespace, name);
  }
}
