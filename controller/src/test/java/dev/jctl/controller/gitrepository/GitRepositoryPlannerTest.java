package dev.jctl.controller.gitrepository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.git.Credentials;
import dev.jctl.controller.git.GitRef;
import dev.jctl.controller.git.Remote;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.gitrepository.GitRepositoryPlanner.Fetched;
import dev.jctl.controller.gitrepository.GitRepositoryPlanner.Input;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GitRepositoryPlannerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ObjectRef REF = new ObjectRef(ResourceKind.GIT_REPOSITORY, "default", "r");
  private static final Revision REVISION = new Revision("main", "a".repeat(40));

  private static Resource.GitRepository repository(String spec, String request) {
    ObjectNode tree =
        Json.object(
            """
            {metadata: {name: 'r', generation: 2, annotations: {'jctl.dev/reconcile-requested': '%s'}},
             spec: %s}
            """
                .formatted(request, spec));
    return new StoredObject(REF, tree, 1).as(Resource.GitRepository.class);
  }

  private static Fetched fetched(Duration ago, String request) {
    return new Fetched(REVISION, NOW.minus(ago), 2, request, Optional.empty());
  }

  private static GitRepositoryAction plan(String spec, Optional<Fetched> fetched, String request) {
    return GitRepositoryPlanner.plan(
        new Input(
            repository(spec, request),
            false,
            false,
            Optional.empty(),
            List.of(),
            List.of(),
            fetched,
            NOW));
  }

  private static Remote remote(String spec, Map<String, String> secret) {
    GitRepositoryAction action =
        GitRepositoryPlanner.plan(
            new Input(
                repository(spec, ""),
                false,
                false,
                Optional.of(secret),
                List.of(),
                List.of(),
                Optional.empty(),
                NOW));
    return ((Origin.Git) ((GitRepositoryAction.Fetch) action).origin()).remote();
  }

  @Test
  void asksTheRemoteWhenTheIntervalIsOverOrSomethingChanged() {
    String spec = "{url: '/r', interval: '30s'}";
    GitRepositoryAction hold = new GitRepositoryAction.Hold(REVISION);
    Optional<Fetched> recent = Optional.of(fetched(Duration.ofSeconds(29), "x"));
    assertThat(plan(spec, recent, "x")).isEqualTo(hold);
    assertThat(plan(spec, recent, "y")).isInstanceOf(GitRepositoryAction.Fetch.class);
    assertThat(plan(spec, Optional.of(fetched(Duration.ofSeconds(30), "x")), "x"))
        .isInstanceOf(GitRepositoryAction.Fetch.class);
    assertThat(plan(spec, Optional.empty(), "x")).isInstanceOf(GitRepositoryAction.Fetch.class);
  }

  @Test
  void waitsForItsSecretAndForOthers() {
    assertThat(plan("{url: '/r', secretRef: {name: 's'}}", Optional.empty(), ""))
        .isInstanceOfSatisfying(
            GitRepositoryAction.Await.class, a -> assertThat(a.message()).contains("no Secret s"));
    GitRepositoryAction others =
        GitRepositoryPlanner.plan(
            new Input(
                repository("{url: '/r'}", ""),
                false,
                false,
                Optional.empty(),
                List.of("infra"),
                List.of(),
                Optional.empty(),
                NOW));
    assertThat(others)
        .isInstanceOfSatisfying(
            GitRepositoryAction.Await.class, a -> assertThat(a.message()).contains("infra"));
  }

  @Test
  void thoseThatWaitForEachOtherAreTold() {
    GitRepositoryAction action =
        GitRepositoryPlanner.plan(
            new Input(
                repository("{url: '/r'}", ""),
                false,
                false,
                Optional.empty(),
                List.of("b is not Ready"),
                List.of(REF, REF),
                Optional.empty(),
                NOW));
    assertThat(action)
        .isInstanceOfSatisfying(
            GitRepositoryAction.Await.class,
            a -> {
              assertThat(a.reason()).isEqualTo("DependencyCycle");
              assertThat(a.message()).contains("gitrepository/default/r → gitrepository/default/r");
            });
  }

  @Test
  void takesItsObjectsAlongUnlessTheyShallStay() {
    assertThat(deleted("{url: '/r'}", false)).isInstanceOf(GitRepositoryAction.Prune.class);
    assertThat(deleted("{url: '/r'}", true)).isInstanceOf(GitRepositoryAction.Release.class);
    assertThat(deleted("{url: '/r', prune: false}", false))
        .isInstanceOf(GitRepositoryAction.Release.class);
  }

  private static GitRepositoryAction deleted(String spec, boolean orphaning) {
    return GitRepositoryPlanner.plan(
        new Input(
            repository(spec, ""),
            true,
            orphaning,
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            NOW));
  }

  @Test
  void readsWhatIsFollowedAndWhoAsks() {
    assertThat(remote("{url: '/r', ref: {semver: '1.x'}}", Map.of()).ref())
        .isEqualTo(new GitRef.Range("1.x"));
    assertThat(
            remote(
                    "{url: '/r', ref: {branch: 'b', commit: '%s'}}".formatted("c".repeat(40)),
                    Map.of())
                .ref())
        .isEqualTo(new GitRef.Commit("c".repeat(40), Optional.of("b")));
    assertThat(remote("{url: '/r'}", Map.of("username", "u", "password", "p\n")).credentials())
        .isEqualTo(new Credentials.Password("u", "p"));
    assertThat(remote("{url: '/r'}", Map.of("bearerToken", "t")).credentials())
        .isEqualTo(new Credentials.Bearer("t"));
    assertThat(remote("{url: '/r'}", Map.of("identity", "i", "known_hosts", "k")).credentials())
        .isEqualTo(new Credentials.SshKey("i", "", "k"));
  }
}
