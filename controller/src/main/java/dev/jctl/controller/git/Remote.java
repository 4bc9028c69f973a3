package dev.jctl.controller.git;

import java.time.Duration;

/**
 * A repository of others.
 *
 * @param url as git takes it
 * @param authorities PEM certificates to trust instead of the JDK's; empty: the JDK's
 * @param timeout for all of a fetch
 * @param extent what of a commit is wanted
 */
public record Remote(
    String url,
    GitRef ref,
    Credentials credentials,
    String authorities,
    Duration timeout,
    Extent extent) {}
