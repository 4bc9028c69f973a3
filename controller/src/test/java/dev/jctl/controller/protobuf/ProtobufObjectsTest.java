package dev.jctl.controller.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.jctl.controller.protobuf.ProtobufObjects.InvalidBody;
import io.kubernetes.client.proto.IntStr;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Resource;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProtobufObjectsTest {
  private static byte[] body(String apiVersion, String kind, byte[] message) {
    Runtime.Unknown envelope =
        Runtime.Unknown.newBuilder()
            .setTypeMeta(Runtime.TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
            .setRaw(ByteString.copyFrom(message))
            .build();
    return ByteString.copyFromUtf8("k8s\0").concat(envelope.toByteString()).toByteArray();
  }

  private static JsonNode read(String apiVersion, String kind, Message message) throws InvalidBody {
    return ProtobufObjects.read(body(apiVersion, kind, message.toByteArray()));
  }

  private static JsonNode json(String text) throws Exception {
    return new JsonMapper().readTree(text);
  }

  /** As Go writes it: fields that are no pointers are there though they are empty. */
  @Test
  void aPodIsReadAsTheJsonThatClientsWouldSend() throws Exception {
    V1.Container container =
        V1.Container.newBuilder()
            .setName("web")
            .setImage("httpd")
            .setWorkingDir("")
            .addCommand("httpd")
            .addArgs("")
            .addPorts(V1.ContainerPort.newBuilder().setContainerPort(80).setHostPort(0))
            .setResources(
                V1.ResourceRequirements.newBuilder()
                    .putLimits("memory", Resource.Quantity.newBuilder().setString("64Mi").build()))
            .setReadinessProbe(
                V1.Probe.newBuilder()
                    .setHandler(
                        V1.ProbeHandler.newBuilder()
                            .setHttpGet(
                                V1.HTTPGetAction.newBuilder()
                                    .setPath("/")
                                    .setPort(
                                        IntStr.IntOrString.newBuilder()
                                            .setType(1)
                                            .setStrVal("http"))))
                    .setPeriodSeconds(5)
                    .setInitialDelaySeconds(0))
            .setSecurityContext(
                V1.SecurityContext.newBuilder().setRunAsUser(0).setPrivileged(false))
            .build();
    V1.Pod pod =
        V1.Pod.newBuilder()
            .setMetadata(
                Meta.ObjectMeta.newBuilder()
                    .setName("web")
                    .putLabels("app", "")
                    .setCreationTimestamp(Meta.Time.newBuilder()))
            .setSpec(
                V1.PodSpec.newBuilder()
                    .addContainers(container)
                    .addVolumes(
                        V1.Volume.newBuilder()
                            .setName("tmp")
                            .setVolumeSource(
                                V1.VolumeSource.newBuilder()
                                    .setEmptyDir(
                                        V1.EmptyDirVolumeSource.newBuilder().setMedium(""))))
                    .setRestartPolicy("")
                    .setTerminationGracePeriodSeconds(0))
            .build();
    assertThat(json(read("v1", "Pod", pod).toString()))
        .isEqualTo(
            json(
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":""}},
                 "spec":{"terminationGracePeriodSeconds":0,
                  "containers":[{"name":"web","image":"httpd","command":["httpd"],"args":[""],
                   "ports":[{"containerPort":80}],"resources":{"limits":{"memory":"64Mi"}},
                   "readinessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},
                   "securityContext":{"runAsUser":0,"privileged":false}}],
                  "volumes":[{"name":"tmp","emptyDir":{}}]}}
                """));
  }

  @Test
  void timesAndNumericPortsAreValues() throws Exception {
    Meta.ObjectMeta metadata =
        Meta.ObjectMeta.newBuilder()
            .setDeletionTimestamp(Meta.Time.newBuilder().setSeconds(1_700_000_000))
            .build();
    JsonNode namespace =
        read("v1", "Namespace", V1.Namespace.newBuilder().setMetadata(metadata).build());
    assertThat(namespace.at("/metadata/deletionTimestamp").asText())
        .isEqualTo("2023-11-14T22:13:20Z");
    V1.TCPSocketAction action =
        V1.TCPSocketAction.newBuilder()
            .setPort(IntStr.IntOrString.newBuilder().setType(0).setIntVal(80))
            .build();
    assertThat(MessageJson.of(action)).isEqualTo(json("{\"port\":80}"));
  }

  @Test
  void bytesAreTextsInBase64() throws Exception {
    V1.Secret secret =
        V1.Secret.newBuilder().putData("password", ByteString.copyFromUtf8("hunter2")).build();
    JsonNode password = read("v1", "Secret", secret).at("/data/password");
    assertThat(password.isTextual()).isTrue();
    assertThat(password.textValue()).isEqualTo("aHVudGVyMg==");
  }

  @Test
  void anEndpointSliceIsReadThoughTheLibraryHasNoMessageOfIt() throws Exception {
    byte[] message =
        "\u0012\u000e\n\u000810.0.0.1\u0012\u0002\u0008\u0001\u001a\u0004\n\0\u0018P\"\u0004IPv4"
            .getBytes(StandardCharsets.US_ASCII);
    JsonNode slice = ProtobufObjects.read(body("discovery.k8s.io/v1", "EndpointSlice", message));
    assertThat(json(slice.toString()))
        .isEqualTo(
            json(
                """
                {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
                 "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}}],
                 "ports":[{"port":80}]}
                """));
  }

  @Test
  void whatIsNotProtobufOfAKnownKindIsRefused() {
    assertThatThrownBy(() -> ProtobufObjects.read(new byte[] {'{', '}'}))
        .isInstanceOf(InvalidBody.class)
        .hasMessageContaining("k8s");
    assertThatThrownBy(() -> ProtobufObjects.read(body("example.org/v1", "Gadget", new byte[0])))
        .isInstanceOf(InvalidBody.class)
        .hasMessageContaining("Gadget");
  }

  @Test
  void damagedBodiesAreRefusedOrReadAndNothingElse() {
    Random random = new Random(7);
    V1.Pod pod =
        V1.Pod.newBuilder().setMetadata(Meta.ObjectMeta.newBuilder().setName("web")).build();
    byte[] whole = body("v1", "Pod", pod.toByteArray());
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = whole.clone();
      damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt(256);
      try {
        assertThat(ProtobufObjects.read(damaged)).isNotNull();
      } catch (InvalidBody expected) {
        assertThat(expected).hasMessageContaining(" ");
      }
    }
  }
}
