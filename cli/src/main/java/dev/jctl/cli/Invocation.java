package dev.jctl.cli;

import dev.jctl.cli.args.Arguments;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.output.Console;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What a command is given: what was typed, where to write, whom to ask. */
record Invocation(
    Arguments arguments, Console console, Engine engine, Api api, Map<String, String> environment) {

  boolean is(Option flag) {
    return arguments.is(flag);
  }

  Optional<String> value(Option option) {
    return arguments.value(option);
  }

  String namespace() {
    return value(Options.NAMESPACE).orElse("default");
  }

  /** Zero stands for no bound, as kubectl has it. */
  Duration timeout(Duration unlessGiven) {
    Duration timeout = value(Options.TIMEOUT).map(Times::parse).orElse(unlessGiven);
    return timeout.isZero() ? Duration.ofDays(365) : timeout;
  }
}
