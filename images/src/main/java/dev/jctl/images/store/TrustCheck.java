package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.oci.ArtifactManifest;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.trust.ImageSignature;
import dev.jctl.images.trust.Requirement;
import dev.jctl.images.trust.TrustPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Holds an image to the policy, before anything of it but its manifest is fetched or used. */
record TrustCheck(TrustPolicy policy) {
  private static final int MAX_SIGNATURES = 64;
  private static final int MAX_SIGNATURE_BYTES = 1 << 16;

  /** For messages, and the repository that signatures are to name: empty where it has none. */
  private record Subject(String what, String repository, Digest manifest) {}

  /**
   * @param manifest that the reference leads to
   * @throws ImageException UNTRUSTED, saying what was required and what is wrong with each
   *     signature
   */
  void require(ImageReference image, Digest manifest, SignatureOrigin signatures) {
    require(
        policy.requirements(image),
        new Subject(image + ": manifest " + manifest, image.name(), manifest),
        signatures);
  }

  /**
   * @param transport as the policy calls it
   * @param path of the archive
   * @param name that the image has there
   * @throws ImageException UNTRUSTED, as above
   */
  void require(
      String transport,
      Path path,
      Optional<ImageReference> name,
      Digest manifest,
      SignatureOrigin signatures) {
    String what =
        "archive %s%s: manifest %s".formatted(path, name.map(n -> ": " + n).orElse(""), manifest);
    String repository = name.map(ImageReference::name).orElse("");
    require(
        policy.requirements(transport, path, name),
        new Subject(what, repository, manifest),
        signatures);
  }

  /**
   * For what docker save wrote, in which no signature can be.
   *
   * @param names all that the image has there
   */
  void requireUnsigned(Path path, List<ImageReference> names, Digest configuration) {
    String what = "archive %s: configuration %s".formatted(path, configuration);
    List<Optional<ImageReference>> each =
        names.isEmpty() ? List.of(Optional.empty()) : names.stream().map(Optional::of).toList();
    for (Optional<ImageReference> name : each) {
      require(
          policy.requirements("docker-archive", path, name),
          new Subject(what + name.map(n -> ", named " + n).orElse(""), "", configuration),
          new SignatureOrigin.None());
    }
  }

  private void require(
      List<Requirement> requirements, Subject subject, SignatureOrigin signatures) {
    for (Requirement requirement : requirements) {
      switch (requirement) {
        case Requirement.AcceptAnything() -> {
          // nothing to look at
        }
        case Requirement.Reject() -> throw untrusted(subject, "images of it are rejected");
        case Requirement.SigstoreSigned signed -> requireSigned(signed, subject, signatures);
      }
    }
  }

  private void requireSigned(
      Requirement.SigstoreSigned requirement, Subject subject, SignatureOrigin origin) {
    List<String> refusals = new ArrayList<>();
    for (ImageSignature signature : signatures(subject, origin)) {
      Optional<String> refusal =
          signature.refusal(requirement, subject.repository(), subject.manifest());
      if (refusal.isEmpty()) {
        return;
      }
      refusals.add(refusal.get());
    }
    throw untrusted(
        subject,
        refusals.isEmpty()
            ? "it must be signed, and has no signature"
            : "of its signatures none counts: " + String.join("; ", refusals));
  }

  private ImageException untrusted(Subject subject, String why) {
    return new ImageException(
        Reason.UNTRUSTED, "%s: %s: %s".formatted(subject.what(), policy.file(), why));
  }

  private static List<ImageSignature> signatures(Subject subject, SignatureOrigin origin) {
    List<String> versions = origin.candidates(subject.manifest());
    List<ImageSignature> signatures = new ArrayList<>();
    for (String version : versions.subList(0, Math.min(versions.size(), MAX_SIGNATURES))) {
      for (Descriptor layer : layers(subject, origin, version)) {
        if (signatures.size() < MAX_SIGNATURES) {
          signatures.add(ImageSignature.of(layer, origin.content(layer)));
        }
      }
    }
    return signatures;
  }

  private static List<Descriptor> layers(Subject subject, SignatureOrigin origin, String version) {
    Optional<byte[]> manifest = origin.manifest(version);
    if (manifest.isEmpty()) {
      return List.of();
    }
    try {
      return ArtifactManifest.parse(subject.what() + ": signatures " + version, manifest.get())
          .layers()
          .stream()
          .filter(ImageSignature::isOne)
          .filter(layer -> layer.size() <= MAX_SIGNATURE_BYTES)
          .toList();
    } catch (ImageException e) {
      // what refers to it is something else
      if (e.reason() == Reason.UNSUPPORTED) {
        return List.of();
      }
      throw e;
    }
  }
}
