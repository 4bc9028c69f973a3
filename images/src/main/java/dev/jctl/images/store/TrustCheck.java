package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.ArtifactManifest;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.RegistrySession;
import dev.jctl.images.trust.ImageSignature;
import dev.jctl.images.trust.Requirement;
import dev.jctl.images.trust.TrustPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds what is pulled to the policy, before anything of it but its manifest is fetched. Signatures
 * are where cosign puts them: under a tag made of the digest, or as referrers.
 */
record TrustCheck(TrustPolicy policy, BlobStore blobs, Lease lease) {
  private static final int MAX_SIGNATURES = 64;
  private static final int MAX_PAYLOAD_BYTES = 1 << 16;

  /**
   * @param manifest that the reference leads to
   * @throws ImageException UNTRUSTED, saying what was required and what is wrong with each
   *     signature
   */
  void require(RegistrySession session, ImageReference image, Digest manifest) {
    for (Requirement requirement : policy.requirements(image)) {
      switch (requirement) {
        case Requirement.AcceptAnything() -> {
          // nothing to look at
        }
        case Requirement.Reject() -> throw untrusted(image, manifest, "images of it are rejected");
        case Requirement.SigstoreSigned signed -> requireSigned(session, image, manifest, signed);
      }
    }
  }

  private void requireSigned(
      RegistrySession session,
      ImageReference image,
      Digest manifest,
      Requirement.SigstoreSigned requirement) {
    List<String> refusals = new ArrayList<>();
    for (ImageSignature signature : signatures(session, image, manifest)) {
      Optional<String> refusal = signature.refusal(requirement, image, manifest);
      if (refusal.isEmpty()) {
        return;
      }
      refusals.add(refusal.get());
    }
    throw untrusted(
        image,
        manifest,
        refusals.isEmpty()
            ? "it must be signed, and has no signature"
            : "of its signatures none counts: " + String.join("; ", refusals));
  }

  private ImageException untrusted(ImageReference image, Digest manifest, String why) {
    return new ImageException(
        Reason.UNTRUSTED, "%s: manifest %s: %s: %s".formatted(image, manifest, policy.file(), why));
  }

  private List<ImageSignature> signatures(
      RegistrySession session, ImageReference image, Digest manifest) {
    List<String> versions = new ArrayList<>(List.of("sha256-" + manifest.hex() + ".sig"));
    session.referrers(image.toString(), manifest).stream()
        .map(referrer -> referrer.digest().toString())
        .forEach(versions::add);
    List<ImageSignature> signatures = new ArrayList<>();
    for (String version : versions.subList(0, Math.min(versions.size(), MAX_SIGNATURES))) {
      for (Descriptor layer : layers(session, image, version)) {
        if (signatures.size() < MAX_SIGNATURES) {
          signatures.add(new ImageSignature(payload(session, image, layer), layer.annotations()));
        }
      }
    }
    return signatures;
  }

  private static List<Descriptor> layers(
      RegistrySession session, ImageReference image, String version) {
    String what = image + ": signatures " + version;
    try {
      return ArtifactManifest.parse(what, session.manifest(image.toString(), version))
          .layers()
          .stream()
          .filter(ImageSignature::isOne)
          .filter(layer -> layer.size() <= MAX_PAYLOAD_BYTES)
          .toList();
    } catch (ImageException e) {
      // nobody has signed it, or what refers to it is something else
      if (e.reason() == Reason.NOT_FOUND || e.reason() == Reason.UNSUPPORTED) {
        return List.of();
      }
      throw e;
    }
  }

  private byte[] payload(RegistrySession session, ImageReference image, Descriptor layer) {
    String what = image + ": signature " + layer.digest();
    lease.fetch(what, layer.digest(), layer.size(), out -> session.blob(what, layer, out, n -> {}));
    return blobs.read(what, layer.digest(), MAX_PAYLOAD_BYTES);
  }
}
