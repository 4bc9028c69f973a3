package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an image's layers become on disk, beside what umoci makes of them. */
final class UnpackedImagePrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  /**
   * Files of this Debian machine and whatever else a tar can hold; then a layer that replaces,
   * empties and removes some of it; then one for each way in which tar(1) writes long names and
   * sparse files.
   */
  private static final String MAKE_IMAGE =
      """
      set -e
      mkdir base top archive
      formats() {
        mkdir -p "form/$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 50))"
        echo short >form/short && ln form/short form/hard
        (cd form/d*/e* && echo name >"$(printf 'n%.0s' $(seq 90))" && ln -s "$(printf 't/%.0s' $(seq 40))" soft)
        cp -a form long && (cd long && echo name >"$(printf 'n%.0s' $(seq 250))" && ln n* "$(printf 'h%.0s' $(seq 250))" &&
          ln -s "$(printf 't/%.0s' $(seq 200))" soft && mkdir -p "$(printf 'f%.0s' $(seq 250))/$(printf 'g%.0s' $(seq 250))")
        # of more pieces than fit into the header itself
        for piece in $(seq 30); do echo "piece $piece" | dd of=long/sparse bs=64K seek=$piece conv=notrunc status=none; done
        truncate -s 5M long/sparse && truncate -s 2M long/hole
        chown 100000:200000 long/hole && touch -hd '1999-12-31 23:59:59' form/d* long/*
        tar -cf archive/ustar.tar --format=ustar --numeric-owner form
        tar -cf archive/v7.tar --format=v7 --numeric-owner --exclude='*/e*' --transform 's/^form/v7/' form
        for format in gnu oldgnu; do tar -cf archive/$format.tar --format=$format -S --numeric-owner --transform "s/^long/$format/" --no-recursion -C top . -C .. --recursion long; done
        for version in 0.0 0.1 1.0; do
          tar -cf archive/$version.tar --format=pax --sparse-version=$version -S --numeric-owner --transform "s/^long/pax-$version/" long
        done
      }
      tar -C / --ignore-failed-read --warning=none -cf - etc usr/sbin usr/share/zoneinfo | tar -C base -xpf -
      cd base
      mkdir -p -m 1777 odd && mkdir -m 2750 odd/{emptied,removed,replaced,hidden-{1..4}}
      touch odd/{emptied,removed,replaced,hidden-{1..4}}/old
      echo setuid >odd/setuid && chmod 4755 odd/setuid
      ln odd/setuid odd/hard-link && ln -s /etc/passwd odd/absolute && ln -s ../nowhere odd/dangling
      mkfifo -m 640 odd/fifo && mknod -m 660 odd/character c 1 3 && mknod odd/block b 7 200
      truncate -s 3M odd/sparse && echo end >>odd/sparse
      echo name >"odd/$(printf 'n%.0s' $(seq 200))" && echo name >'odd/Übermut 日本'
      mkdir -p "odd/$(printf 'd%.0s' $(seq 150))/$(printf 'e%.0s' $(seq 150))"
      setfattr -n user.note -v 0x00ff10 odd/setuid
      setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 odd/sparse
      chown 12345:54321 odd/fifo && chown -h 7:8 odd/dangling && touch -d '1999-12-31 23:59:59.123456789' odd/sparse
      cd ../top
      mkdir -p -m 1777 odd && mkdir odd/emptied && touch odd/emptied/.wh..wh..opq odd/emptied/new odd/.wh.removed
      echo 'a file now' >odd/replaced && touch odd/.wh.fifo
      mkdir -m 700 odd/hidden-{1..4} && touch odd/hidden-{1..3}/new odd/.wh.hidden-{1..4} odd/hidden-4/.wh.old
      cd ..
      pack() { tar --numeric-owner --format=pax -S --xattrs --xattrs-include='*' "$@"; }
      pack -C base -cf archive/base.tar .
      # what the upper layer hides has come back in it: named after or before that, without what is in it, or not at all
      pack -C top --exclude='*hidden-*' -cf archive/top.tar .
      add() { pack -C top --no-recursion -rf archive/top.tar "$@"; }
      add ./odd/.wh.hidden-1 ./odd/hidden-1 ./odd/hidden-1/new
      add ./odd/hidden-2 ./odd/hidden-2/new ./odd/.wh.hidden-2
      add ./odd/.wh.hidden-3 ./odd/hidden-3
      add ./odd/.wh.hidden-4 ./odd/hidden-4/.wh.old
      formats
      digest() { sha256sum archive/$1.tar | cut -d' ' -f1; }
      list() { for layer in $layers; do printf ',"%s"' "$($1 $layer)"; done | cut -c2-; }
      diff_id() { echo sha256:$(digest $1); }
      name() { echo $1.tar; }
      image() {
        printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s]}}' "$(list diff_id)" >archive/config.json
        printf '[{"Config":"config.json","RepoTags":["t.test/odd:1"],"Layers":[%s]}]' "$(list name)" >archive/manifest.json
        tar -cf $1 -C archive .
      }
      layers="base top ustar v7 0.0 0.1 1.0" && image theirs.tar
      skopeo copy -q docker-archive:theirs.tar oci:layout:odd
      umoci unpack --image layout:odd theirs >&2
      # what it does not read: tar itself does
      for format in gnu oldgnu; do tar -C theirs/rootfs -xpf archive/$format.tar; done
      layers="$layers gnu oldgnu" && image odd.tar
      # it forgets that time when it removes what lies below
      touch -r top/odd/hidden-2 theirs/rootfs/odd/hidden-2
      for layer in $layers; do digest $layer; done | tac
      """;

  /** Type, mode, owner, times, links, size, attributes and content of all there is. */
  private static final String LIST =
      """
      set -e
      cd "$1"
      find . -type d -printf '%P %y %m %U:%G %T@\\n' -o -printf '%P %y %m %U:%G %T@ %s %n %l\\n' | LC_ALL=C sort
      find . ! -type f ! -type d ! -type l ! -type p -exec stat -c '%n %t:%T' {} + | LC_ALL=C sort
      find . -mindepth 1 -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m - -e hex
      find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
      """;

  @Test
  void isWhatUmociMakesOfIt() throws IOException {
    assumeTrue(
        Host.run("sh", "-c", "command -v umoci skopeo getfattr").code() == 0,
        "needs umoci, skopeo and getfattr");
    Path home = ENGINE.home();
    List<String> layers =
        shell(MAKE_IMAGE).lines().stream()
            .map(id -> ENGINE.data().resolve("layers").resolve(id).toString())
            .toList();
    ENGINE.jctl("image", "load", "-i", home.resolve("odd.tar").toString()).ok();
    Path merged = home.resolve("ours");
    shell(
        "mkdir ours && mount -t overlay overlay -o lowerdir=%s ours"
            .formatted(String.join(":", layers)));
    try {
      List<String> theirs = shell(LIST, home.resolve("theirs/rootfs").toString()).lines();
      assertThat(theirs).hasSizeGreaterThan(1000);
      List<String> ours = shell(LIST, merged.toString()).lines();
      assertThat(new HashSet<>(ours)).containsExactlyInAnyOrderElementsOf(new HashSet<>(theirs));
      assertThat(ours).isEqualTo(theirs);
    } finally {
      shell("umount ours && rmdir ours && rm -rf theirs base top form long");
      ENGINE.jctl("delete", "images", "--all", "--wait").ok();
    }
  }

  /** A layer of files alone, over one that says what the directories above them are like. */
  private static final String MAKE_NAMELESS =
      """
      set -e
      mkdir -p base/{bin,a/{b,c},o/{x,y},w/z} top
      cp /bin/busybox base/bin && ln -s busybox base/bin/stat
      setfattr -n user.note -v kept base/a && chown 1000:1001 base/a/b && chown 7:8 base/o/x
      chmod 2750 base/a && chmod 1777 base/a/b && chmod 711 base/a/c base/o/x && chmod 700 base/o base/w{,/z}
      touch base/a/b/old base/o/y/old base/w/z/old && touch -d '1999-12-31 23:59:59' base/{a/{b,c},a,o/x,o,w/z,w}
      mkdir -p top/{a/b,a/c/d,o/{x,y},w/z,n/m} && touch top/{a/b,a/c/d,o/x,o/y,w/z,n/m}/new top/o/x/.wh..wh..opq top/.wh.w
      chmod 500 top/a/c && chown 5:6 top/a/c
      pack() { tar --numeric-owner --format=pax --xattrs --xattrs-include='*' "$@"; }
      pack -C base -cf base.tar .
      # one directory among them has an entry, and what hides comes first
      pack -C top --no-recursion -cf top.tar o/x/.wh..wh..opq .wh.w a/b/new a/c a/c/d/new o/x/new o/y/new w/z/new n/m/new
      diff_id() { echo "\\"sha256:$(sha256sum $1 | cut -d' ' -f1)\\""; }
      printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s,%s]}}' "$(diff_id base.tar)" "$(diff_id top.tar)" >config.json
      echo '[{"Config":"config.json","RepoTags":["t.test/nameless:1"],"Layers":["base.tar","top.tar"]}]' >manifest.json
      tar -cf nameless.tar config.json manifest.json base.tar top.tar
      skopeo copy -q docker-archive:nameless.tar oci:nameless-layout:nameless
      umoci unpack --image nameless-layout:nameless nameless >&2
      cd nameless/rootfs
      """;

  @Test
  void directoriesThatALayerDoesNotNameAreAsTheLayersBelowHaveThem() throws IOException {
    assumeTrue(
        Host.run("sh", "-c", "command -v umoci skopeo setfattr").code() == 0,
        "needs umoci, skopeo and setfattr");
    List<String> inherited = List.of("a", "a/b", "o", "o/x", "o/y");
    String format = "%n %F %a %u:%g %Y";
    List<String> theirs =
        shell(MAKE_NAMELESS + "stat -c '" + format + "' " + String.join(" ", inherited)).lines();
    assertThat(theirs).contains("a/b directory 1777 1000:1001 946684799");
    ENGINE.jctl("image", "load", "--name=nameless", "-i", ENGINE.home() + "/nameless.tar").ok();
    ENGINE.file(
        "nameless.yaml",
        """
        apiVersion: jctl.dev/v1
        kind: Container
        metadata: {name: nameless}
        spec: {image: nameless, command: [/bin/busybox, sleep, "1000"]}
        """);
    ENGINE.jctl("apply", "-f", "nameless.yaml", "--wait").ok();
    List<String> exec =
        new ArrayList<>(List.of("exec", "nameless", "--", "/bin/stat", "-c", format));
    exec.addAll(inherited);
    assertThat(ENGINE.jctl(exec.toArray(String[]::new)).ok().lines()).isEqualTo(theirs);
    String root = "/proc/" + ENGINE.pid("nameless") + "/root/";
    assertThat(Host.run("getfattr", "--only-values", "-n", "user.note", root + "a").out())
        .isEqualTo("kept");
    assertThat(
            Host.run("sh", "-c", "cd " + root + " && ls a/b o/x o/y w/z n/m | xargs").out().strip())
        .isEqualTo("a/b: new old n/m: new o/x: new o/y: new old w/z: new");
    ENGINE.jctl("delete", "-f", "nameless.yaml", "--wait").ok();
    shell("rm -rf base top nameless");
  }

  private static Ran shell(String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
    command.addAll(List.of(arguments));
    return Subprocess.start(command, ENGINE.home(), Map.of(), "").await(TestEngine.PATIENCE).ok();
  }
}
