package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an image comes from; exactly one of {@code reference}, {@code archive}, {@code rootfs},
 * {@code files}, {@code build}, {@code imageID}, {@code manifestDigest}, {@code commit}; a
 * reference beside one of the last three is only its name.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageSpec(
    @Field(doc = "A reference, by tag or digest, that is pulled from its registry.")
        @Nullable String reference,
    @Field(doc = "Which image of the reference's repository it is; none: the one of the reference.")
        @Nullable ImagePolicySpec policy,
    @Field(
            doc =
                "The image that another Image's status.imageID names: one more name for it. A"
                    + " reference beside it is not pulled.")
        @Nullable String imageID,
    @Field(
            doc =
                "A manifest or index that was pushed to this instance's registry, with all that it"
                    + " names. A reference beside it is not pulled.")
        @Nullable String manifestDigest,
    @Field(
            doc =
                "An OCI layout or docker-archive on the controller's machine. A reference beside it"
                    + " is only a name.")
        @Nullable Archive archive,
    @Field(doc = "A directory or tar that is the image's only layer.") @Nullable Rootfs rootfs,
    @Field(doc = "Files that make up the image's only layer.", mapKeys = "path")
        @Nullable List<FileEntry> files,
    @Field(
            doc =
                "A Dockerfile, or the same as stages, that the image is made by. A reference beside it is only"
                    + " a name.")
        @Nullable ImageBuildSpec build,
    @Field(doc = "A container that the image is made of, with what it has changed, once.")
        @Nullable Commit commit,
    @Field(doc = "For rootfs and files: what the image says about running it.")
        @Nullable Config config,
    @Field(
            doc = "When to pull.",
            allowed = {"Always", "IfNotPresent", "Never"},
            defaultValue = "\"IfNotPresent\"")
        @Nullable String pullPolicy,
    @Field(
            doc =
                "Secrets of the same namespace with the registry's credentials, of type"
                    + " kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg.",
            mapKeys = "name")
        @Nullable List<LocalObjectReference> imagePullSecrets) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Archive(
      @Field(doc = "Path on the controller's machine; in a manifest relative to it.") String path,
      @Field(doc = "Which image of the archive, when it has several.") @Nullable String name) {}

  /** As {@code docker commit}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Commit(
      @Field(doc = "A Pod of the same namespace; a Container runs as the Pod of its name.")
          String pod,
      @Field(doc = "Which of its containers; may be left out where it has one.")
          @Nullable String container,
      @Field(
              doc =
                  "Instructions of a Dockerfile that change the configuration: CMD, ENTRYPOINT, ENV,"
                      + " EXPOSE, HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, USER, VOLUME,"
                      + " WORKDIR.")
          @Nullable List<String> changes,
      @Field(doc = "Who made it.") @Nullable String author,
      @Field(doc = "What was done, for the history.") @Nullable String message,
      @Field(
              doc = "Whether a container that runs is frozen while it is read.",
              defaultValue = "true")
          @Nullable Boolean pause) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rootfs(
      @Field(doc = "Path on the controller's machine; in a manifest relative to it.")
          String path) {}

  /**
   * One file, by exactly one of {@code hostPath}, {@code content}, {@code link}, {@code directory}.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record FileEntry(
      @Field(doc = "Absolute path in the image.") String path,
      @Field(doc = "A file to copy, on the controller's machine; in a manifest relative to it.")
          @Nullable String hostPath,
      @Field(doc = "The text of the file.") @Nullable String content,
      @Field(doc = "The target of a symbolic link.") @Nullable String link,
      @Field(doc = "Whether it is a directory.") @Nullable Boolean directory,
      @Field(doc = "Permission bits; in YAML octal, such as 0755.", min = 0, max = 07777)
          @Nullable Integer mode) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Config(
      @Field(doc = "NAME=value each.") @Nullable List<String> env,
      @Field(doc = "What is run, before cmd.") @Nullable List<String> entrypoint,
      @Field(doc = "Arguments, unless the container has some.") @Nullable List<String> cmd,
      @Field(doc = "user, user:group, or their numbers.") @Nullable String user,
      @Field(doc = "Absolute path of the working directory.") @Nullable String workingDir,
      @Field(doc = "The signal that asks it to end, such as SIGQUIT.")
          @Nullable String stopSignal) {}
}
