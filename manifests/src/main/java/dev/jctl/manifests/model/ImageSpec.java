package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an image comes from; exactly one of {@code reference}, {@code archive}, {@code rootfs},
 * {@code files}.
 *
 * @param reference pulled from a registry, by tag or digest
 * @param files a single layer made of single files
 * @param config for {@code rootfs} and {@code files}: what the image says about running it
 * @param pullPolicy Always, IfNotPresent (the default) or Never
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageSpec(
    @Nullable String reference,
    @Nullable Archive archive,
    @Nullable Rootfs rootfs,
    @Nullable List<FileEntry> files,
    @Nullable Config config,
    @Nullable String pullPolicy) {

  /**
   * {@code path}: on the controller's machine; jctl makes it absolute, relative to the manifest.
   * {@code name} picks one of several.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Archive(String path, @Nullable String name) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rootfs(String path) {}

  /**
   * One file, by exactly one of {@code hostPath}, {@code content}, {@code link}, {@code directory}.
   *
   * @param path absolute path in the image
   * @param hostPath file to copy; jctl makes it absolute, relative to the manifest
   * @param link target of a symbolic link
   * @param mode permission bits, octal in YAML ({@code 0755})
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record FileEntry(
      String path,
      @Nullable String hostPath,
      @Nullable String content,
      @Nullable String link,
      @Nullable Boolean directory,
      @Nullable Integer mode) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Config(
      @Nullable List<String> env,
      @Nullable List<String> entrypoint,
      @Nullable List<String> cmd,
      @Nullable String user,
      @Nullable String workingDir,
      @Nullable String stopSignal) {}
}
