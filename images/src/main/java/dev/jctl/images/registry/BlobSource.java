package dev.jctl.images.registry;

import dev.jctl.images.reference.Digest;
import java.nio.file.Path;

/** A blob that is on this machine. */
public record BlobSource(Digest digest, long sizeBytes, Path file) {}
