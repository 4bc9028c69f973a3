package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.testing.Suite;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is wrong with a request is answered with the code and the reason of kube-apiserver
 * (k8s.io/apimachinery/pkg/api/errors, k8s.io/apiserver/pkg/endpoints/handlers), and the server
 * goes on.
 */
final class BadRequestsIT {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String JSON = "application/json";

  @TempDir static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    server = new TestServer(directory);
    SocketHttp.Answer made =
        server.http.post(MAPS, "{\"metadata\":{\"name\":\"there\"},\"data\":{\"a\":\"b\"}}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    SocketHttp.Answer applied =
        server.http.patch(
            MAPS + "/owned?fieldManager=first",
            "apply-patch+yaml",
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"owned\"},\"data\":{\"a\":\"1\"}}");
    assertThat(applied.status()).as(applied.body()).isEqualTo(201);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void answered(SocketHttp.Answer answer, int status, String reason) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("kind").asText()).isEqualTo("Status");
    assertThat(answer.json().path("status").asText()).isEqualTo("Failure");
    assertThat(answer.json().path("code").asInt()).isEqualTo(status);
    assertThat(answer.reason()).as(answer.body()).isEqualTo(reason);
    assertThat(answer.json().path("message").asText()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          application/json         | {                                             | 400 | BadRequest
          application/json         | {"metadata":{"name":"x"}} trailing            | 400 | BadRequest
          application/json         | []                                            | 400 | BadRequest
          application/json         | "text"                                        | 400 | BadRequest
          application/json         | {"metadata":{"name":"x"},"data":{"a":1}}      | 400 | BadRequest
          application/json         | {"metadata":{"name":"x","labels":[]}}         | 400 | BadRequest
          application/json         | {"metadata":{"name":"x"},"immutable":"yes"}   | 400 | BadRequest
          application/json         | {"metadata":{"name":"x","resourceVersion":"5"}} | 400 | BadRequest
          application/json         | {"metadata":{"name":"x"},"dat":{}}            | 400 | BadRequest
          application/json         | {"metadata":{"name":"x","name":"y"}}          | 400 | BadRequest
          application/json         | {"kind":"Secret","metadata":{"name":"x"}}     | 400 | BadRequest
          application/json         | {"metadata":{"name":"x","namespace":"other"}} | 400 | BadRequest
          application/json         | {"metadata":{"name":"Not A Name"}}            | 422 | Invalid
          application/json         | {"metadata":{"name":5}}                       | 400 | BadRequest
          application/json         | {"metadata":{"name":{}}}                      | 400 | BadRequest
          application/json         | {"metadata":{"generateName":true}}            | 400 | BadRequest
          application/json         | {"metadata":{}}                               | 422 | Invalid
          application/json         | {"metadata":{"name":"there"}}                 | 409 | AlreadyExists
          application/yaml         | {metadata: [                                  | 400 | BadRequest
          text/plain               | {"metadata":{"name":"x"}}                     | 415 | UnsupportedMediaType
          application/octet-stream | {"metadata":{"name":"x"}}                     | 415 | UnsupportedMediaType
          application/vnd.kubernetes.protobuf | k8s                                | 400 | BadRequest
          """)
  void aBodyThatIsNoObject(String type, String body, int status, String reason) {
    answered(server.http.send("POST", MAPS, type, body), status, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          unknown                            | {}                                                    | 415 | UnsupportedMediaType
          json                               | {}                                                    | 415 | UnsupportedMediaType
          json-patch+json                    | {"op":"add"}                                          | 400 | BadRequest
          json-patch+json                    | [{"op":"replace","path":"/kind","value":"Secret"}]    | 422 | Invalid
          json-patch+json                    | [{"op":"replace","path":"/metadata/uid","value":"x"}] | 422 | Invalid
          json-patch+json                    | [{"op":"replace","path":"/data/a","value":1}]         | 422 | Invalid
          json-patch+json                    | [{"op":"test","path":"/data/a","value":"x"}]          | 422 | Invalid
          json-patch+json                    | [{"op":"remove","path":"/data/none"}]                 | 422 | Invalid
          merge-patch+json                   | []                                                    | 422 | Invalid
          merge-patch+json                   | {"metadata":{"resourceVersion":"1"},"data":{"a":"c"}} | 409 | Conflict
          merge-patch+json                   | {"metadata":{"uid":"another"},"data":{"a":"c"}}       | 422 | Invalid
          merge-patch+json                   | {"kind":"Secret"}                                     | 422 | Invalid
          merge-patch+json                   | {"apiVersion":"v2"}                                   | 422 | Invalid
          merge-patch+json                   | {"data":{"a":1}}                                      | 422 | Invalid
          strategic-merge-patch+json         | {"metadata":{"uid":"another"}}                        | 422 | Invalid
          strategic-merge-patch+json         | []                                                    | 400 | BadRequest
          apply-patch+yaml                   | {}                                                    | 422 | Invalid
          """)
  void aPatchThatDoesNotFit(String type, String body, int status, String reason) {
    answered(server.http.patch(MAPS + "/there", type, body), status, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /api/v1/namespaces/default/configmaps/none                              | 404 | NotFound
          GET    | /api/v1/namespaces/default/nothings                                     | 404 | NotFound
          GET    | /apis/no.such.group/v1                                                  | 404 | NotFound
          GET    | /api/v1/namespaces/default/configmaps?resourceVersion=newest            | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?limit=-1                          | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?continue=nonsense                 | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?labelSelector=a+in+(              | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?fieldSelector=nonsense            | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?resourceVersion=999999999         | 504 | Timeout
          GET    | /api/v1/namespaces/default/configmaps?watch=1&sendInitialEvents=true    | 422 | Invalid
          GET    | /api/v1/namespaces/default/configmaps?watch=maybe                       | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?labelSelector=- | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?labelSelector=a%3D- | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?labelSelector=a/b/c | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?labelSelector=a+in+(-) | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?fieldSelector=spec.x%3D1 | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Da%3Db | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?watch=1&fieldSelector=spec.x%3D1 | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?timeoutSeconds=x | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=x | 400 | BadRequest
          GET    | /api/v1/namespaces/default/configmaps?resourceVersionMatch=Exact | 422 | Invalid
          GET    | /api/v1/namespaces/default/configmaps?resourceVersionMatch=Exact&resourceVersion=0 | 422 | Invalid
          GET    | /api/v1/namespaces/default/configmaps?resourceVersionMatch=No&resourceVersion=1 | 422 | Invalid
          GET    | /api/v1/namespaces/default/configmaps?continue=x&resourceVersionMatch=Exact&resourceVersion=5 | 422 | Invalid
          GET    | /api/v1/namespaces/default/configmaps?watch=1&resourceVersionMatch=Exact&resourceVersion=1 | 422 | Invalid
          DELETE | /api/v1/namespaces/default/configmaps?labelSelector=-                   | 400 | BadRequest
          POST   | /api/v1/namespaces/default/configmaps/there                             | 405 | MethodNotAllowed
          DELETE | /version                                                                | 405 | MethodNotAllowed
          DELETE | /api/v1/namespaces/default/configmaps/there?propagationPolicy=Never     | 422 | Invalid
          GET    | /api/v1/namespaces/default/pods/none/log                                | 404 | NotFound
          GET    | /api/v1/namespaces/default/pods/none/exec?command=ls                    | 404 | NotFound
          GET    | /api/v1/namespaces/default/pods/none/portforward?ports=80               | 404 | NotFound
          """)
  void aRequestForWhatCannotBe(String method, String target, int status, String reason) {
    answered(server.http.send(method, target, JSON, ""), status, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                                                    | Incorrect version specified in apply patch. Specified patch version: , expected: v1
          {"kind":"ConfigMap"}                                                                  | Incorrect version specified in apply patch. Specified patch version: , expected: v1
          {"apiVersion":"v2","kind":"ConfigMap"}                                                | Incorrect version specified in apply patch. Specified patch version: v2, expected: v1
          {"apiVersion":"v1"}                                                                   | kind is missing in the apply patch; expected ConfigMap
          {"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":[{"manager":"x"}]}} | metadata.managedFields must be nil
          {"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":[]}}                | metadata.managedFields must be nil
          """)
  void whatCannotBeApplied(String body, String message) {
    for (String name : List.of("there", "not-there")) {
      SocketHttp.Answer answer =
          server.http.patch(MAPS + "/" + name + "?fieldManager=m", "apply-patch+yaml", body);
      answered(answer, 400, "BadRequest");
      assertThat(answer.json().path("message").asText()).isEqualTo(message);
    }
  }

  /** As k8s.io/apiserver/pkg/endpoints/handlers/patch.go says it. */
  @Test
  void anApplyWithAUidMakesNothing() {
    String body =
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"uid\":\"another\"}}";
    SocketHttp.Answer answer =
        server.http.patch(MAPS + "/not-there?fieldManager=m", "apply-patch+yaml", body);
    answered(answer, 409, "Conflict");
    assertThat(answer.json().path("message").asText())
        .isEqualTo(
            "Operation cannot be fulfilled on configmaps \"not-there\": uid mismatch: the provided"
                + " object specified uid another, and no existing object was found");
    assertThat(server.http.get(MAPS + "/not-there").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"healthz,ping", "livez,etcd", "readyz,informer-sync"})
  void healthIsToldByItsChecks(String endpoint, String check) {
    String path = "/" + endpoint;
    assertThat(server.http.get(path).body()).isEqualTo("ok");
    assertThat(server.http.get(path + "?verbose").body())
        .startsWith("[+]ping ok\n")
        .contains("[+]" + check + " ok\n")
        .endsWith(endpoint + " check passed\n");
    assertThat(server.http.get(path + "/" + check).body()).isEqualTo("ok");
    answered(server.http.get(path + "/nothing"), 404, "NotFound");
  }

  /** Kinds of ours are to Kubernetes what a CustomResourceDefinition declares. */
  @Test
  void aWrongTypeInAKindOfOursIsFoundByItsSchema() {
    String volume = "{\"metadata\":{\"name\":\"v\"},\"spec\":[]}";
    answered(
        server.http.post("/apis/jctl.dev/v1/namespaces/default/volumes", volume), 422, "Invalid");
  }

  @ParameterizedTest
  @CsvSource({"gzip", "br", "nonsense"})
  void aBodyInAnEncodingThatIsNotTaken(String encoding) {
    SocketHttp http =
        new SocketHttp(server.http.socket(), "Content-Encoding: " + encoding + "\r\n");
    SocketHttp.Answer answer = http.post(MAPS, "{}");
    answered(answer, 400, "BadRequest");
    assertThat(answer.json().path("message").asText()).contains("Content-Encoding " + encoding);
  }

  @Test
  void aBodyThatIsTooLargeOrTooDeep() {
    String large =
        "{\"metadata\":{\"name\":\"x\"},\"data\":{\"a\":\"" + "x".repeat(3 << 20) + "\"}}";
    answered(server.http.post(MAPS, large), 413, "RequestEntityTooLarge");
    String deep = "{\"data\":" + "{\"a\":".repeat(200) + "1" + "}".repeat(201);
    answered(server.http.post(MAPS, deep), 400, "BadRequest");
  }

  static Stream<JsonNode> answersOfKubeApiserver() throws IOException {
    return Suite.cases("statuses");
  }

  /** To the letter. */
  @ParameterizedTest
  @MethodSource("answersOfKubeApiserver")
  void isAnsweredAsByKubeApiserver(JsonNode asked) {
    String path = asked.path("path").asText();
    SocketHttp http = path.contains("?as=nobody") ? server.http.as("nobody") : server.http;
    SocketHttp.Answer answer =
        http.send(
            asked.path("method").asText(),
            path.replace("?as=nobody", ""),
            asked.path("type").asText(),
            asked.path("body").asText().replace("LARGE", "x".repeat((3 << 20) + 1)));
    assertThat(answer.json()).isEqualTo(asked.path("answer"));
    assertThat(answer.status()).isEqualTo(asked.path("answer").path("code").asInt());
  }

  static Stream<JsonNode> answersOfARunningKubeApiserver() throws IOException {
    return Suite.cases("transcript");
  }

  /** Code, reason and message, but for what a case lists as different. */
  @ParameterizedTest
  @MethodSource("answersOfARunningKubeApiserver")
  void isAnsweredAsByARunningKubeApiserver(JsonNode asked) {
    SocketHttp.Answer answer =
        server.http.send(
            asked.path("method").asText(),
            asked.path("path").asText(),
            asked.path("type").asText(),
            asked.path("body").asText());
    JsonNode expected = asked.has("ours") ? asked.path("ours") : asked.path("answer");
    answered(answer, expected.path("code").asInt(), expected.path("reason").asText());
    String theirs = asked.path("answer").path("message").asText();
    String ours = answer.json().path("message").asText();
    if (!asked.has("differs")) {
      assertThat(ours).isEqualTo(theirs);
    } else if (!asked.has("ours")) {
      assertThat(ours).as("no different any more: take it off the list").isNotEqualTo(theirs);
    }
  }

  /** As a kube-apiserver 1.20 answered, asked the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          application/xml                                                     | 406: Not Acceptable
          text/html, text/*                                                   | 406: Not Acceptable
          nonsense                                                            | 406: Not Acceptable
          application/json;as=Table;v=v9;g=meta.k8s.io                        | only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf
          application/json;as=Nothing;v=v1;g=meta.k8s.io                      | only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf
          """)
  void anAnswerThatCannotBeGiven(String accept, String message) {
    for (String target : List.of(MAPS + "/there", MAPS, MAPS + "?watch=1")) {
      SocketHttp.Answer answer = server.http.get(target, accept);
      answered(answer, 406, "NotAcceptable");
      assertThat(answer.json().path("message").asText()).isEqualTo(message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          */*                                                                                      | ConfigMap
          text/html, application/*;q=0.5                                                           | ConfigMap
          application/json;as=Table;v=v9;g=meta.k8s.io, application/json                           | ConfigMap
          application/json;as=Table;v=v1;g=meta.k8s.io, application/json                           | Table
          application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, */*      | PartialObjectMetadata
          """)
  void anAnswerInTheFirstFormThatCanBeGiven(String accept, String kind) {
    SocketHttp.Answer answer = server.http.get(MAPS + "/there", accept);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().path("kind").asText()).isEqualTo(kind);
  }

  /** A connection that says half of what it wants holds up nobody. */
  @Test
  void aRequestThatIsNeverFinished() throws IOException {
    String half = "POST " + MAPS + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    try (SocketChannel open =
        SocketChannel.open(UnixDomainSocketAddress.of(server.http.socket()))) {
      open.write(ByteBuffer.wrap(half.getBytes(StandardCharsets.US_ASCII)));
      assertThat(server.http.get(MAPS + "/there").status()).isEqualTo(200);
    }
    assertThat(server.http.get(MAPS + "/there").status()).isEqualTo(200);
  }
}
