package dev.jctl.controller.gitrepository;

import dev.jctl.controller.overlay.SourceFiles;
import dev.jctl.controller.sops.AgeIdentity;
import dev.jctl.controller.sops.SopsText;
import java.util.List;
import java.util.Optional;

/** The files of a source, those of SOPS decrypted. */
record DecryptedFiles(SourceFiles files, List<AgeIdentity> identities) implements SourceFiles {
  @Override
  public Optional<String> text(String path) {
    return files.text(path).map(text -> decrypted(path, text));
  }

  @Override
  public boolean isDirectory(String path) {
    return files.isDirectory(path);
  }

  @Override
  public List<SourceFile> manifests(String directory) {
    return files.manifests(directory).stream()
        .map(file -> new SourceFile(file.path(), decrypted(file.path(), file.text())))
        .toList();
  }

  /** Without keys, too, one that is encrypted must not be taken for what it says. */
  private String decrypted(String path, String text) {
    return SopsText.isEncrypted(text) ? SopsText.decrypt(path, text, identities) : text;
  }
}
