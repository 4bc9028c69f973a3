package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.ChildProgram;
import dev.jctl.shim.kernel.SyscallNumbers;
import dev.jctl.shim.plan.Argument;
import dev.jctl.shim.plan.Argument.External;
import dev.jctl.shim.plan.Argument.Filter;
import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.plan.Argument.Texts;
import dev.jctl.shim.plan.Argument.Volume;
import dev.jctl.shim.plan.SyscallProgram;
import dev.jctl.shim.plan.SyscallRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Lays a program out in memory: each argument becomes a number. */
final class ProgramLoader {
  private final SyscallProgram program;
  private final Externals externals;
  private final ChildProgram memory;

  private ProgramLoader(SyscallProgram program, Externals externals) {
    this.program = program;
    this.externals = externals;
    int[] uses = new int[program.records().size()];
    int bytes = 0;
    for (SyscallRecord record : program.records()) {
      for (Argument argument : record.arguments()) {
        bytes += size(argument);
        if (argument instanceof Result(int earlier)) {
          uses[earlier]++;
        }
      }
    }
    this.memory = new ChildProgram(program.cloneFlags(), uses.length, bytes);
    for (int i = 0; i < uses.length; i++) {
      if (uses[i] > 0) {
        memory.results(i, uses[i]);
      }
    }
  }

  /**
   * Descriptors that a program begins with.
   *
   * @param named all but the stage
   * @param volumes by their index
   * @param preserved number of descriptors from 3 on that the process keeps
   */
  record Externals(Map<Name, Long> named, List<Long> volumes, int preserved) {
    Externals {
      named = Map.copyOf(named);
      volumes = List.copyOf(volumes);
    }

    Externals with(Name name, long value) {
      Map<Name, Long> more = new EnumMap<>(Name.class);
      more.putAll(named);
      more.put(name, value);
      return new Externals(more, volumes, preserved);
    }

    /** Number above all of them. */
    long end() {
      LongStream given =
          Stream.of(named.values(), volumes).flatMap(Collection::stream).mapToLong(Long::longValue);
      return Math.max(given.max().orElse(-1) + 1, 3 + preserved);
    }

    /** Descriptors that the program has besides the usual ones. */
    int reserved() {
      return volumes.size() + preserved;
    }
  }

  static ChildProgram load(SyscallProgram program, Externals externals) {
    ProgramLoader loader = new ProgramLoader(program, externals);
    for (int i = 0; i < program.records().size(); i++) {
      loader.record(i);
    }
    return loader.memory;
  }

  private void record(int index) {
    SyscallRecord record = program.records().get(index);
    List<Argument> arguments = record.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      if (argument instanceof Argument.Number number) {
        memory.argument(index, i, number.value());
      } else if (argument instanceof Result(int earlier)) {
        memory.use(earlier, index, i);
      } else {
        memory.argument(index, i, value(argument));
      }
    }
    memory.record(
        index,
        SyscallNumbers.of(record.call()),
        record.minimum(),
        record.minimum() == Long.MIN_VALUE ? 0 : record.tolerated(),
        record.skipped());
  }

  /** At most; a result takes room in the list of who wants it, and that list an end. */
  private static int size(Argument argument) {
    if (argument instanceof Argument.Number) {
      return 0; // most are; the switch below is a call that tries one type after the other
    }
    return switch (argument) {
      case Argument.Number number -> 0;
      case External external -> 0;
      case Volume volume -> 0;
      case Result result -> 16;
      case Text text -> ChildProgram.sizeOf(text.value());
      case Texts texts ->
          texts.values().stream().mapToInt(t -> 8 + ChildProgram.sizeOf(t)).sum() + 8;
      case Struct struct -> 8 * struct.words().size();
      case Filter filter -> 16 + 8 * filter.instructions().size();
    };
  }

  private long value(Argument argument) {
    return switch (argument) {
      case Argument.Number number -> number.value();
      case External(Name name) when name == Name.STAGE -> memory.stageAddress();
      case External(Name name) -> Objects.requireNonNull(externals.named().get(name), name.name());
      case Volume(int index) -> externals.volumes().get(index);
      case Result result -> throw new IllegalStateException(result + " has no value yet");
      case Text(String text) -> memory.text(text);
      case Texts(List<String> texts) -> texts(texts);
      case Struct struct -> memory.words(struct.words());
      case Filter(List<Long> instructions) ->
          memory.words(List.of((long) instructions.size(), memory.words(instructions)));
    };
  }

  private long texts(List<String> texts) {
    List<Long> addresses = new ArrayList<>();
    texts.forEach(t -> addresses.add(memory.text(t)));
    addresses.add(0L);
    return memory.words(addresses);
  }
}
