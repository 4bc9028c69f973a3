// Takes the signatures off those of the jars that have any: the JVM keeps the classes of a signed jar
// in no AOT cache, checks each when it is loaded, and holds a digest of every file of the jar in
// memory for as long as it is open. Where they come from has been checked by who has fetched them.
// Usage: java RemoveSignatures.java JAR...

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Manifest;

void main(String... jars) throws IOException {
  for (String jar : jars) {
    try (FileSystem files = FileSystems.newFileSystem(Path.of(jar))) {
      Path metaInf = files.getPath("META-INF");
      if (removeSignatures(metaInf)) {
        removeDigests(metaInf.resolve("MANIFEST.MF"));
      }
    }
  }
}

/** Whether there were any. */
boolean removeSignatures(Path metaInf) throws IOException {
  boolean found = false;
  try (DirectoryStream<Path> signatures = Files.newDirectoryStream(metaInf, "*.{SF,RSA,DSA,EC}")) {
    for (Path signature : signatures) {
      Files.delete(signature);
      found = true;
    }
  }
  return found;
}

void removeDigests(Path file) throws IOException {
  Manifest manifest = new Manifest();
  try (InputStream in = Files.newInputStream(file)) {
    manifest.read(in);
  }
  manifest.getEntries().clear();
  try (OutputStream out = Files.newOutputStream(file)) {
    manifest.write(out);
  }
}
