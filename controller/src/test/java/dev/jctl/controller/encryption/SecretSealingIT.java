package dev.jctl.controller.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources.WriteOptions;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.controller.testing.Watched;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Key;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import dev.jctl.store.Txn;
import dev.jctl.store.Watch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretSealingIT {
  private static final String VALUE = "Y29ycmVjdCBob3JzZQ==";
  private static final ObjectRef LOGIN = new ObjectRef(ResourceKind.SECRET, "default", "login");

  @TempDir Path directory;

  private Path keyFile() {
    return directory.resolve("pki/secrets.key");
  }

  private Store plain() {
    return Store.open(directory.resolve("store"), StoreOptions.DEFAULT);
  }

  private SealedStore open() {
    return new SealedStore(plain(), keyFile());
  }

  private static StoreResources resources(Store store) {
    StoreResources resources = new StoreResources(store, Clock.systemUTC());
    resources.ensureDefaultNamespace();
    return resources;
  }

  private static ObjectNode secret() {
    return Json.object(
        "{apiVersion:'v1',kind:'Secret',metadata:{name:'login',annotations:{copy:'%s'}},"
                .formatted(VALUE)
            + "type:'Opaque',data:{password:'%s'}}".formatted(VALUE));
  }

  private static void write(Store store) {
    resources(store).create(LOGIN, secret(), WriteOptions.by("test"));
  }

  private static String password(StoredObject secret) {
    return secret.tree().at("/data/password").asText();
  }

  private boolean isOnDisk(String text) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
      return false;
    }
  }

  @Test
  void isToldAsItWasWrittenInEveryWayOfReadingAndNeverOnDisk()
      throws IOException, InterruptedException {
    try (SealedStore store = open()) {
      StoreResources resources = resources(store);
      assertThat(keyFile()).as("made only when it is needed").doesNotExist();
      long before = store.revision();
      resources.create(LOGIN, secret(), WriteOptions.by("test"));
      long first = store.revision();
      resources.update(LOGIN, tree -> tree.put("immutable", true), WriteOptions.by("test"));

      Key key = Keys.of(LOGIN);
      assertThat(password(resources.get(LOGIN))).isEqualTo(VALUE);
      assertThat(text(store.get(key, first).orElseThrow().value())).contains(VALUE);
      assertThat(store.list(Keys.ROOT, 0, null, 0).entries())
          .anyMatch(e -> e.key().equals(key) && text(e.value()).contains(VALUE));
      try (Watch watch = store.watch(SealedStore.SECRETS, before)) {
        List<Watch.Event> events = Watched.next(watch, 2);
        assertThat(events).hasSize(2);
        Watch.Event second = events.get(1);
        assertThat(text(second.entry().value())).contains(VALUE);
        assertThat(second.previous()).isNotNull();
        assertThat(text(second.previous().value())).contains(VALUE);
      }
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile())))
          .isEqualTo("rw-------");
      assertThat(isOnDisk(VALUE)).isFalse();
    }
    try (SealedStore store = open()) {
      assertThat(password(resources(store).get(LOGIN))).isEqualTo(VALUE);
    }
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  @Test
  void whatWasPlainIsSealedAtAStartAndLeavesNoTraceOnDisk() throws IOException {
    try (Store store = plain()) {
      write(store);
    }
    assertThat(isOnDisk(VALUE)).isTrue();
    try (SealedStore store = open()) {
      StoreResources resources = resources(store);
      new SecretSealing(store, resources).finish();
      StoredObject secret = resources.get(LOGIN);
      assertThat(password(secret)).isEqualTo(VALUE);
      assertThat(secret.tree().at("/metadata/resourceVersion").asText())
          .isEqualTo(Long.toString(secret.revision()));
      assertThat(isOnDisk(VALUE)).isFalse();
    }
  }

  @Test
  void aRotationLeavesOnlyTheNewKeyAndOneCutShortIsFinishedAtTheNextStart() throws IOException {
    String first;
    try (SealedStore store = open()) {
      StoreResources resources = resources(store);
      write(store);
      first = Files.readString(keyFile());
      SecretSealing.Sealed sealed = new SecretSealing(store, resources).rotate();
      assertThat(sealed.rewritten()).isEqualTo(1);
      assertThat(Files.readString(keyFile())).isNotEqualTo(first).hasLineCount(1);
      assertThat(password(resources.get(LOGIN))).isEqualTo(VALUE);

      KeyFile keys = store.keys();
      keys.replace(keys.require().with(SealingKey.random()));
    }
    try (SealedStore store = open()) {
      StoreResources resources = resources(store);
      assertThat(password(resources.get(LOGIN))).isEqualTo(VALUE);
      new SecretSealing(store, resources).finish();
      assertThat(Files.readString(keyFile())).hasLineCount(1);
      assertThat(password(resources.get(LOGIN))).isEqualTo(VALUE);
    }
  }

  @Test
  void theManifestsOfSetsAreSealedAndRotatedToo() {
    Key revision = Key.of("/sets/manifestset/default/site/1");
    byte[] manifests = VALUE.getBytes(StandardCharsets.UTF_8);
    try (SealedStore store = open()) {
      store.commit(
          new Txn(
              List.of(),
              List.of(new Txn.Write.Put(revision, at -> manifests)),
              Txn.Durability.SYNCED));
      String before = SealedStore.keyId(store.raw().get(revision).orElseThrow());
      new SecretSealing(store, resources(store)).rotate();
      assertThat(SealedStore.keyId(store.raw().get(revision).orElseThrow())).isNotEqualTo(before);
      assertThat(store.get(revision).orElseThrow().value()).isEqualTo(manifests);
      assertThat(store.history(revision).getFirst().entry().orElseThrow().value())
          .isEqualTo(manifests);
    }
  }

  @Test
  void withoutItsKeyASecretCanOnlyBeDeletedUntilTheKeyIsBack() throws IOException {
    try (SealedStore store = open()) {
      write(store);
    }
    Path copy = directory.resolve("copy");
    Files.move(keyFile(), copy);
    try (SealedStore store = open()) {
      StoreResources resources = resources(store);
      SecretSealing sealing = new SecretSealing(store, resources);
      sealing.finish();
      StoredObject unreadable = resources.get(LOGIN);
      assertThat(unreadable.tree().path("type").asText()).isEqualTo("jctl.dev/unreadable");
      assertThat(unreadable.tree().has("data")).isFalse();
      assertThatThrownBy(sealing::rotate)
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("default/login")
          .hasMessageContaining(keyFile().toString());
    }
    Files.move(copy, keyFile());
    try (SealedStore store = open()) {
      assertThat(password(resources(store).get(LOGIN))).isEqualTo(VALUE);
    }
  }

  @Test
  void keysThatOthersMayReadOrThatAreDamagedAreRefusedWithoutBeingTold() throws IOException {
    try (SealedStore store = open()) {
      write(store);
    }
    Files.setPosixFilePermissions(keyFile(), PosixFilePermissions.fromString("rw-r--r--"));
    try (SealedStore store = open()) {
      assertThatThrownBy(() -> store.get(Keys.of(LOGIN))).hasMessageContaining("chmod 600");
    }
    Files.writeString(keyFile(), "abc!\n");
    Files.setPosixFilePermissions(keyFile(), PosixFilePermissions.fromString("rw-------"));
    try (SealedStore store = open()) {
      assertThatThrownBy(() -> store.get(Keys.of(LOGIN)))
          .hasMessageContaining("secrets.key:1")
          .hasMessageNotContaining("abc!");
    }
  }
}
