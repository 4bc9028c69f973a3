package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.ManifestDocument;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.reference.Digest;
import java.util.List;
import java.util.Map;

/**
 * {@code /v2/<name>/referrers/<digest>}, and for registries that do not have it the tag that stands
 * for it. OCI distribution spec, "Listing Referrers", "Referrers Tag Schema".
 */
record ReferrersEndpoint(RegistrySession session) {
  List<Descriptor> get(String what, Digest subject) {
    RegistryRequest request =
        RegistryRequest.get(
            session.repository().of("referrers", subject.toString()),
            Map.of("Accept", MediaTypes.OCI_INDEX));
    try {
      return parse(
          what,
          session.call(
              what,
              Scopes.PULL,
              () -> request,
              response -> response.body().readNBytes(Documents.MAX_BYTES + 1)));
    } catch (ImageException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
    try {
      return parse(what, session.manifest(what, "sha256-" + subject.hex()));
    } catch (ImageException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      return List.of();
    }
  }

  private static List<Descriptor> parse(String what, byte[] index) {
    return ManifestDocument.parse(what, index) instanceof ManifestDocument.ImageIndex all
        ? all.manifests()
        : List.of();
  }
}
