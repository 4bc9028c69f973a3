package dev.jctl.cli.why;

import java.util.List;

/** What to do about a fact, by what the engine says of it. Pure. */
final class Advice {
  /** The first whose word is in the text counts. */
  private record Rule(String word, String advice) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "401",
              "give credentials: spec.imagePullSecrets of the Image, or `jctl image login"
                  + " REGISTRY`"),
          new Rule(
              "Unauthorized",
              "give credentials: spec.imagePullSecrets of the Image, or `jctl image login"
                  + " REGISTRY`"),
          new Rule("PoolExhausted", "delete networks that nobody uses, or give it spec.subnets"),
          new Rule("NetworkFull", "give the network a larger subnet, or delete Pods on it"),
          new Rule("SubnetOverlap", "choose another subnet"),
          new Rule("OOMKilled", "raise spec.resources.limits.memory"),
          new Rule("StartError", "see what the image has: `jctl image inspect`"),
          new Rule("CrashLoopBackOff", "see what it wrote: `jctl logs --previous`"),
          new Rule(
              " probe",
              "see what it wrote (`jctl logs`), and whether the probe asks the right thing"),
          new Rule("Unschedulable", "`kubectl uncordon` the node"));

  private Advice() {}

  /** Empty when there is none. */
  static String on(String text) {
    return RULES.stream()
        .filter(rule -> text.contains(rule.word()))
        .map(Rule::advice)
        .findFirst()
        .orElse("");
  }
}
