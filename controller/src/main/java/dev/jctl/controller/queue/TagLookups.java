package dev.jctl.controller.queue;

import dev.jctl.controller.resources.ObjectRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Containers that are about to be started, and builds that want it so, ask which image a tag stands
 * for by now; who looks after the Image answers all that asked before it looked. Only in memory:
 * after a restart who still waits asks again. Safe for many threads.
 */
public final class TagLookups {
  /**
   * @param object a Pod, or an Image that is built
   * @param use a container of the Pod, or what the build calls the image
   */
  public record Asker(ObjectRef object, String use) {}

  private record Question(String start, long number) {}

  private static final class Tag {
    private final Map<Asker, Question> questions = new HashMap<>();
    private long asked;
    private long answered;
    private String imageId = "";
  }

  private final Map<ObjectRef, Tag> tags = new HashMap<>();
  private final Consumer<ObjectRef> enqueue;

  /**
   * @param enqueue has an object looked at
   */
  public TagLookups(Consumer<ObjectRef> enqueue) {
    this.enqueue = enqueue;
  }

  /**
   * The image's id; empty as long as nobody has looked since this was asked first.
   *
   * @param start which start of the container, or revision of the build, it is
   */
  public Optional<String> ask(ObjectRef image, Asker asker, String start) {
    synchronized (this) {
      Tag tag = tags.computeIfAbsent(image, ref -> new Tag());
      Question known = tag.questions.get(asker);
      if (known != null && known.start().equals(start)) {
        return known.number() <= tag.answered ? Optional.of(tag.imageId) : Optional.empty();
      }
      tag.asked++;
      tag.questions.put(asker, new Question(start, tag.asked));
    }
    enqueue.accept(image);
    return Optional.empty();
  }

  /** For {@link #answer}: the last question that is open; empty when there is none. */
  public synchronized OptionalLong open(ObjectRef image) {
    Tag tag = tags.get(image);
    return tag == null
        ? OptionalLong.empty()
        : tag.questions.values().stream()
            .mapToLong(Question::number)
            .filter(number -> number > tag.answered)
            .max();
  }

  /**
   * @param number what was open before it was looked
   */
  public void answer(ObjectRef image, long number, String imageId) {
    Set<ObjectRef> waiting = new HashSet<>();
    synchronized (this) {
      Tag tag = tags.get(image);
      if (tag == null) {
        return;
      }
      tag.questions.forEach(
          (asker, question) -> {
            if (question.number() > tag.answered && question.number() <= number) {
              waiting.add(asker.object());
            }
          });
      tag.answered = number;
      tag.imageId = imageId;
    }
    waiting.forEach(enqueue);
  }

  /** It is gone, or needs no answers any more. */
  public synchronized void forget(ObjectRef object) {
    tags.values().forEach(tag -> tag.questions.keySet().removeIf(a -> a.object().equals(object)));
    tags.values().removeIf(tag -> tag.questions.isEmpty());
  }
}
