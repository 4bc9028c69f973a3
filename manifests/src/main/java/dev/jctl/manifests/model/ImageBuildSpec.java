package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an image is made: by a Dockerfile of the context, by the text of one, or by stages that say
 * the same in YAML.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageBuildSpec(
    @Field(
            doc =
                "The directory that files are copied from, on the controller's machine; in a"
                    + " manifest relative to it.")
        @Nullable String context,
    @Field(
            doc =
                "Instead of context: a tar of the files, sent before as a blob of a repository of"
                    + " the namespace, as `jctl image build` does for another machine's instance.")
        @Nullable String contextDigest,
    @Field(
            doc =
                "Instead of context: a git repository, as URL[#[REF][:DIRECTORY]] (https://, http://"
                    + " or git://), of whose commit at the time of the build the files are. Its"
                    + " submodules are part of them, its .git is not.")
        @Nullable String contextRepository,
    @Field(
            doc =
                "Further ones that FROM, COPY --from and RUN --mount call by their names, which count"
                    + " before stages and images.",
            mapKeys = "name")
        @Nullable List<NamedContext> contexts,
    @Field(doc = "Path of the Dockerfile below the context; Dockerfile if nothing is said.")
        @Nullable String dockerfile,
    @Field(doc = "The text of a Dockerfile instead; dockerfile is then only its name in messages.")
        @Nullable String text,
    @Field(doc = "The stages instead of a Dockerfile; the last one is the image.")
        @Nullable List<Stage> stages,
    @Field(doc = "Name or number of the stage that is the image; the last if nothing is said.")
        @Nullable String target,
    @Field(doc = "Values for ARGs by name.") @Nullable Map<String, String> args,
    @Field(
            doc =
                "The Network that RUNs are on, or none, or host; the network default if nothing is"
                    + " said.")
        @Nullable String network,
    @Field(doc = "Secrets that RUN --mount=type=secret may name.", mapKeys = "id")
        @Nullable List<BuildSecret> secrets,
    @Field(
            doc =
                "SOURCE_DATE_EPOCH: no file of the image's new layers is younger, and its"
                    + " configuration has this time; in seconds since 1970.",
            min = 0)
        @Nullable Long sourceDateEpoch,
    @Field(doc = "Labels that the image has whatever its Dockerfile says.")
        @Nullable Map<String, String> labels,
    @Field(
            doc =
                "Which platform the image is for; the machine's is the only one that is built, another"
                    + " is refused.")
        @Nullable String platform,
    @Field(
            doc =
                "Ask the registries what the tags of base images stand for by now, though they are"
                    + " here.")
        @Nullable Boolean pull,
    @Field(doc = "Do every step anew, whatever earlier builds made.") @Nullable Boolean noCache) {

  /** Files, or an image, under a name: exactly one of path, digest, image and repository. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NamedContext(
      @Field(doc = "What the Dockerfile calls it.") String name,
      @Field(
              doc =
                  "A directory on the controller's machine; in a manifest relative to it. Its"
                      + " .dockerignore counts.")
          @Nullable String path,
      @Field(doc = "A tar of the files, sent as that of contextDigest.") @Nullable String digest,
      @Field(doc = "An Image of the namespace, or a reference.") @Nullable String image,
      @Field(doc = "A git repository, as contextRepository.") @Nullable String repository) {}

  /** A key of a Secret under the name that a RUN asks for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record BuildSecret(
      @Field(doc = "What the RUN calls it.") String id,
      @Field(doc = "A Secret of the same namespace.") String secretName,
      @Field(doc = "The key in it; the id if nothing is said.") @Nullable String key) {}

  /** What FROM and the instructions below it say. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Stage(
      @Field(doc = "What other stages call it.") @Nullable String name,
      @Field(doc = "An earlier stage, an Image of the namespace, a reference, or scratch.")
          String from,
      @Field(doc = "What is done, in order.") @Nullable List<Step> steps) {}

  /** One step: exactly one of its fields, with mounts and network beside run or exec. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Step(
      @Field(doc = "A command for the shell, as RUN.") @Nullable String run,
      @Field(doc = "A command without a shell, as RUN with a list.") @Nullable List<String> exec,
      @Field(doc = "For run and exec: each as RUN --mount.") @Nullable List<String> mounts,
      @Field(
              doc = "For run and exec: as RUN --network.",
              allowed = {"default", "none", "host"})
          @Nullable String network,
      @Field(doc = "Files of the context or of another stage, as COPY.") @Nullable Copy copy,
      @Field(doc = "Files of the context; tar archives are unpacked, as ADD.") @Nullable Copy add,
      @Field(doc = "Variables, as ENV.") @Nullable Map<String, String> env,
      @Field(doc = "Values with defaults that the build may be given, as ARG.")
          @Nullable Map<String, String> args,
      @Field(doc = "Labels, as LABEL.") @Nullable Map<String, String> labels,
      @Field(doc = "The working directory from here on, as WORKDIR.") @Nullable String workingDir,
      @Field(doc = "Who runs what follows, as USER.") @Nullable String user,
      @Field(doc = "Any other instruction, as in a Dockerfile.") @Nullable String instruction) {}

  /** As COPY and ADD. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Copy(
      @Field(doc = "Paths or wildcards.") List<String> sources,
      @Field(doc = "Where they go; with a slash at the end a directory.") String to,
      @Field(doc = "A stage or image instead of the context.") @Nullable String from,
      @Field(doc = "user:group by name or number.") @Nullable String chown,
      @Field(doc = "Permission bits as text, such as \"0755\".") @Nullable String chmod,
      @Field(doc = "Patterns of what is left out.") @Nullable List<String> exclude) {}
}
