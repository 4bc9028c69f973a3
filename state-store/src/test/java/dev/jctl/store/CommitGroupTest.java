package dev.jctl.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CommitGroupTest {
  private static final Key KEY = Key.of("/a");

  private final List<Key> read = new ArrayList<>();
  private final CommitGroup group = new CommitGroup(7, this::stored);

  /** As of revision 3. */
  private Optional<Entry> stored(Key key) {
    read.add(key);
    return Optional.of(new Entry(key, new byte[] {1}, 2, 3));
  }

  private static Txn putIf(long modRevision) {
    return new Txn(
        List.of(new Txn.Condition(KEY, modRevision)),
        List.of(new Txn.Write.Put(KEY, at -> new byte[] {2})),
        Txn.Durability.SYNCED);
  }

  @Test
  void aKeyIsReadOnceForAllTransactionsOfAGroup() {
    assertThat(group.decide(putIf(1))).isEqualTo(new Store.TxnResult.Refused(List.of(KEY)));
    assertThat(group.decide(putIf(3))).isEqualTo(new Store.TxnResult.Committed(8));
    assertThat(group.decide(putIf(3))).isEqualTo(new Store.TxnResult.Refused(List.of(KEY)));
    assertThat(group.decide(putIf(8))).isEqualTo(new Store.TxnResult.Committed(9));
    assertThat(read).containsExactly(KEY);
  }
}
