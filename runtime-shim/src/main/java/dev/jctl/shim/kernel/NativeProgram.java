package dev.jctl.shim.kernel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A syscall program in memory, as the interpreter walks it: a header whose first word the
 * interpreter points at the record that failed, then records, then the data that they point to.
 * Must stay referenced until the child has gone on to {@code execve} or is dead.
 */
final class NativeProgram {
  static final int HEADER = 16;
  static final int NUMBER = 0;
  static final int ARGUMENTS = 8;
  static final int RESULT = 56;
  static final int STORE = 64;
  static final int TOLERATED = 72;
  static final int RECORD = 80;

  private final NativeMemory memory;
  private final List<SyscallRecord> records;
  // referenced from the records
  private final List<NativeMemory> data = new ArrayList<>();
  private final Map<String, Integer> argumentByName = new HashMap<>();

  NativeProgram(List<SyscallRecord> records) {
    this.records = records;
    this.memory = NativeMemory.allocate(HEADER + RECORD * records.size());
    for (int i = 0; i < records.size(); i++) {
      write(HEADER + RECORD * i, records.get(i));
    }
    for (int i = 0; i < records.size(); i++) {
      link(HEADER + RECORD * i, records.get(i));
    }
  }

  NativeMemory memory() {
    return memory;
  }

  private void write(int at, SyscallRecord record) {
    memory.putLong(at + NUMBER, SyscallNumbers.of(record.call()));
    memory.putLong(at + TOLERATED, record.toleratedMask());
    for (int i = 0; i < record.arguments().size(); i++) {
      int field = at + ARGUMENTS + 8 * i;
      memory.putLong(field, value(record.arguments().get(i), field));
    }
  }

  private long value(SyscallRecord.Argument argument, int field) {
    return switch (argument) {
      case SyscallRecord.Argument.Number n -> n.value();
      case SyscallRecord.Argument.Descriptor d -> d.fd();
      case SyscallRecord.Argument.Text t -> keep(NativeMemory.text(t.value()));
      case SyscallRecord.Argument.Bytes b -> keep(bytes(b.value()));
      case SyscallRecord.Argument.Texts t -> keep(pointers(t.values()));
      case SyscallRecord.Argument.ResultOf r -> {
        argumentByName.put(r.name(), field);
        yield -1;
      }
    };
  }

  private void link(int at, SyscallRecord record) {
    Integer target = argumentByName.get(record.resultName());
    if (target != null) {
      memory.putLong(at + STORE, memory.address() + target);
    }
  }

  private long keep(NativeMemory block) {
    data.add(block);
    return block.address();
  }

  private static NativeMemory bytes(byte[] value) {
    NativeMemory block = NativeMemory.allocate(Math.max(1, value.length));
    block.putBytes(0, value);
    return block;
  }

  /** A NULL-terminated array of pointers and the strings behind it, in one block. */
  private static NativeMemory pointers(List<String> values) {
    List<byte[]> texts =
        values.stream().map(v -> (v + "\0").getBytes(StandardCharsets.UTF_8)).toList();
    int table = 8 * (values.size() + 1);
    NativeMemory block =
        NativeMemory.allocate(table + texts.stream().mapToInt(t -> t.length).sum());
    int at = table;
    for (int i = 0; i < texts.size(); i++) {
      block.putLong(8L * i, block.address() + at);
      block.putBytes(at, texts.get(i));
      at += texts.get(i).length;
    }
    return block;
  }

  /** Index of the record that ended the child, or -1. */
  int failedRecord() {
    long address = memory.getLong(0);
    return address == 0 ? -1 : (int) ((address - memory.address() - HEADER) / RECORD);
  }

  /** What a call returned: negative errno when it failed. */
  long result(int record) {
    return memory.getLong(HEADER + (long) RECORD * record + RESULT);
  }

  List<SyscallRecord> records() {
    return records;
  }
}
