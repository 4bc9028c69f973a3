package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.api.SocketHttp.Answer;
import dev.jctl.controller.testing.Json;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The instance as a registry, over real HTTP, a real store and a real image store. */
class RegistryIT {
  private static final String IMAGES = "/apis/jctl.dev/v1/namespaces/default/images";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String OCTETS = "application/octet-stream";

  @TempDir Path directory;
  private TestServer server;
  private SocketHttp http;

  @BeforeEach
  void start() throws IOException {
    server = new TestServer(directory);
    http = server.http;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String digest(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static String descriptor(String type, String content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest(content), content.length());
  }

  private static String manifest(String config, String... layers) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(
            MANIFEST,
            descriptor("application/vnd.oci.image.config.v1+json", config),
            String.join(
                ",",
                java.util.Arrays.stream(layers)
                    .map(l -> descriptor("application/vnd.oci.image.layer.v1.tar", l))
                    .toList()));
  }

  private void blob(String repository, String content) {
    Answer sent =
        http.send(
            "POST",
            "/v2/" + repository + "/blobs/uploads/?digest=" + digest(content),
            OCTETS,
            content);
    assertThat(sent.status()).as(sent.body()).isEqualTo(201);
  }

  private Answer put(String repository, String reference, String manifest) {
    String type = manifest.contains("\"manifests\"") ? INDEX : MANIFEST;
    return http.send("PUT", "/v2/" + repository + "/manifests/" + reference, type, manifest);
  }

  private Answer pushed(String repository, String tag, String config, String... layers) {
    blob(repository, config);
    for (String layer : layers) {
      blob(repository, layer);
    }
    Answer answer = put(repository, tag, manifest(config, layers));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer;
  }

  private static String code(Answer answer) {
    return answer.json().at("/errors/0/code").asText();
  }

  @Test
  void aBlobComesInPiecesAndGoesOnWhereItStopped() {
    assertThat(http.get("/v2/").status()).isEqualTo(200);
    String location =
        http.send("POST", "/v2/default/web/blobs/uploads/", OCTETS, "")
            .headers()
            .getOrDefault("location", "");
    Answer first = chunk(location, "0-4", "hello");
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.headers()).containsEntry("range", "0-4");
    Answer wrong = chunk(location, "9-13", "world");
    assertThat(wrong.status()).isEqualTo(416);
    assertThat(http.get(location).status()).isEqualTo(204);
    assertThat(http.get(location).headers()).containsEntry("range", "0-4");
    Answer mistaken = http.send("PUT", location + "?digest=" + digest("hello"), OCTETS, " world");
    assertThat(mistaken.status()).isEqualTo(400);
    assertThat(code(mistaken)).isEqualTo("DIGEST_INVALID");
    assertThat(code(http.send("PATCH", location, OCTETS, "x"))).isEqualTo("BLOB_UPLOAD_UNKNOWN");

    blob("default/web", "hello world");
    String path = "/v2/default/web/blobs/" + digest("hello world");
    assertThat(http.get(path).body()).isEqualTo("hello world");
    Answer head = http.send("HEAD", path, OCTETS, "");
    assertThat(head.headers())
        .containsEntry("content-length", "11")
        .containsEntry("docker-content-digest", digest("hello world"));
    Answer part = http.get(path, "*/*\r\nRange: bytes=6-");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("world");
    assertThat(code(http.delete(path))).isEqualTo("UNSUPPORTED");
    String other =
        http.send("POST", "/v2/default/web/blobs/uploads/", OCTETS, "")
            .headers()
            .getOrDefault("location", "");
    assertThat(http.delete(other).status()).isEqualTo(204);
    assertThat(http.get(other).status()).isEqualTo(404);
  }

  private Answer chunk(String location, String range, String content) {
    return http.send("PATCH", location, OCTETS + "\r\nContent-Range: " + range, content);
  }

  @Test
  void whatIsPushedIsAnImageAndIsPulledByTagAndDigest() {
    String manifest = manifest("{\"c\":1}", "layer");
    assertThat(code(put("default/team/web", "1.0", manifest))).isEqualTo("MANIFEST_BLOB_UNKNOWN");
    Answer pushed = pushed("default/team/web", "1.0", "{\"c\":1}", "layer");
    assertThat(pushed.headers())
        .containsEntry("docker-content-digest", digest(manifest))
        .containsEntry("location", "/v2/default/team/web/manifests/" + digest(manifest));
    for (String reference : List.of("1.0", digest(manifest))) {
      Answer pulled = http.get("/v2/default/team/web/manifests/" + reference);
      assertThat(pulled.body()).isEqualTo(manifest);
      assertThat(pulled.headers()).containsEntry("content-type", MANIFEST);
    }
    var spec = http.get(IMAGES).json().at("/items/0/spec");
    assertThat(spec.path("reference").asText()).isEqualTo("team/web:1.0");
    assertThat(spec.path("manifestDigest").asText()).isEqualTo(digest(manifest));
    pushed("default/web", "latest", "{\"c\":1}", "layer");
    assertThat(http.get(IMAGES + "/web").status()).isEqualTo(200);

    assertThat(http.delete("/v2/default/team/web/manifests/1.0").status()).isEqualTo(202);
    assertThat(http.get("/v2/default/team/web/manifests/1.0").status()).isEqualTo(404);
    assertThat(code(http.delete("/v2/default/team/web/manifests/1.0")))
        .isEqualTo("MANIFEST_UNKNOWN");
  }

  @Test
  void aTagMovesButNotAnImageThatAManifestDescribes() {
    pushed("default/web", "latest", "{\"c\":1}", "layer");
    Answer moved = pushed("default/web", "latest", "{\"c\":2}", "layer");
    assertThat(http.get("/v2/default/web/manifests/latest").headers())
        .containsEntry(
            "docker-content-digest", moved.headers().getOrDefault("docker-content-digest", ""));
    String declared =
        """
        {"apiVersion": "jctl.dev/v1", "kind": "Image", "metadata": {"name": "declared"},
         "spec": {"files": [{"path": "/x", "content": "x"}]}}
        """;
    assertThat(http.post(IMAGES, declared).status()).isEqualTo(201);
    blob("default/declared", "{\"c\":1}");
    blob("default/declared", "layer");
    Answer refused = put("default/declared", "latest", manifest("{\"c\":1}", "layer"));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).contains("DENIED", "Image declared is made by its own spec");
    assertThat(code(put("nowhere/web", "1", manifest("{\"c\":1}")))).isEqualTo("NAME_UNKNOWN");
    assertThat(code(http.get("/v2/web/tags/list"))).isEqualTo("NAME_INVALID");
    assertThat(code(put("default/web", "1", "{}"))).isEqualTo("MANIFEST_INVALID");
    assertThat(code(put("default/web", digest("x"), manifest("{\"c\":1}", "layer"))))
        .isEqualTo("DIGEST_INVALID");
  }

  @Test
  void tagsAndRepositoriesAreListedInPages() {
    for (String tag : List.of("a", "b", "c")) {
      pushed("default/web", tag, "{\"c\":1}");
    }
    pushed("default/other", "latest", "{\"c\":1}");
    Answer first = http.get("/v2/default/web/tags/list?n=2");
    assertThat(first.json().path("tags")).isEqualTo(Json.tree("[\"a\",\"b\"]"));
    assertThat(first.headers())
        .containsEntry("link", "</v2/default/web/tags/list?n=2&last=b>; rel=\"next\"");
    Answer last = http.get("/v2/default/web/tags/list?n=2&last=b");
    assertThat(last.json().path("tags")).isEqualTo(Json.tree("[\"c\"]"));
    assertThat(last.headers()).doesNotContainKey("link");
    assertThat(http.get("/v2/_catalog").json().path("repositories"))
        .isEqualTo(Json.tree("[\"default/other\",\"default/web\"]"));
  }

  @Test
  void anIndexIsTakenWithItsManifestsAndWhatIsAboutItIsFound() {
    String one = manifest("{\"c\":1}", "layer");
    blob("default/web", "{\"c\":1}");
    blob("default/web", "layer");
    assertThat(put("default/web", digest(one), one).status()).isEqualTo(201);
    String index = "{\"schemaVersion\":2,\"manifests\":[%s]}".formatted(descriptor(MANIFEST, one));
    assertThat(put("default/web", "all", index).status()).isEqualTo(201);
    assertThat(http.get("/v2/default/web/manifests/all").headers())
        .containsEntry("content-type", INDEX);

    String about =
        manifest("{}")
            .replaceFirst(
                "\\{",
                "{\"artifactType\":\"a/sbom\",\"annotations\":{\"k\":\"v\"},\"subject\":"
                    + descriptor(INDEX, index)
                    + ",");
    blob("default/web", "{}");
    Answer referrer = put("default/web", digest(about), about);
    assertThat(referrer.headers()).containsEntry("oci-subject", digest(index));
    String path = "/v2/default/web/referrers/" + digest(index);
    assertThat(http.get(path).json().at("/manifests/0"))
        .isEqualTo(
            Json.tree(
                descriptor(MANIFEST, about)
                    .replaceFirst(
                        "}$", ",\"artifactType\":\"a/sbom\",\"annotations\":{\"k\":\"v\"}}")));
    assertThat(http.get(path + "?artifactType=other").json().path("manifests")).isEmpty();
    assertThat(http.delete("/v2/default/web/manifests/" + digest(about)).status()).isEqualTo(202);
    assertThat(http.get(path).json().path("manifests")).isEmpty();
  }

  @Test
  void aNamespaceKnowsOnlyItsOwnBlobsUnlessTheyAreMounted() {
    http.post("/api/v1/namespaces", "{\"metadata\": {\"name\": \"other\"}}");
    pushed("default/web", "1", "{\"c\":1}", "layer");
    String foreign = "/v2/other/web/blobs/" + digest("layer");
    assertThat(http.get(foreign).status()).isEqualTo(404);
    String mount = "/v2/other/web/blobs/uploads/?mount=" + digest("layer") + "&from=default/web";
    assertThat(http.as("eve").send("POST", mount, OCTETS, "").status()).isEqualTo(403);
    grant("eve", "other", "get,create");
    assertThat(http.as("eve").send("POST", mount, OCTETS, "").status()).isEqualTo(202);
    assertThat(http.get(foreign).status()).isEqualTo(404);
    assertThat(http.send("POST", mount, OCTETS, "").status()).isEqualTo(201);
    assertThat(http.get(foreign).status()).isEqualTo(200);
  }

  @Test
  void rightsAreThoseToImagesOfTheNamespace() {
    pushed("default/web", "1", "{\"c\":1}");
    SocketHttp eve = http.as("eve");
    assertThat(eve.get("/v2/").status()).isEqualTo(200);
    assertThat(eve.get("/v2/_catalog").json().path("repositories")).isEmpty();
    Answer refused = eve.get("/v2/default/web/manifests/1");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(code(refused)).isEqualTo("DENIED");
    grant("eve", "default", "get,list,create");
    assertThat(eve.get("/v2/default/web/manifests/1").status()).isEqualTo(200);
    assertThat(eve.get("/v2/_catalog").json().path("repositories")).hasSize(1);
    String another = manifest("{\"c\":1}");
    String path = "/v2/default/web/manifests/";
    assertThat(eve.send("PUT", path + "2", MANIFEST, another).status()).isEqualTo(201);
    assertThat(eve.send("PUT", path + "2", MANIFEST, another).status()).isEqualTo(403);
    assertThat(eve.delete(path + "2").status()).isEqualTo(403);
  }

  private void grant(String user, String namespace, String verbs) {
    String rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace;
    String role =
        """
        {"metadata": {"name": "r"},
         "rules": [{"apiGroups": ["jctl.dev"], "resources": ["images"], "verbs": ["%s"]}]}
        """
            .formatted(verbs.replace(",", "\",\""));
    String binding =
        """
        {"metadata": {"name": "b"}, "subjects": [{"kind": "User", "name": "%s",
         "apiGroup": "rbac.authorization.k8s.io"}], "roleRef":
         {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}}
        """
            .formatted(user);
    assertThat(http.post(rbac + "/roles", role).status()).isEqualTo(201);
    assertThat(http.post(rbac + "/rolebindings", binding).status()).isEqualTo(201);
  }
}
