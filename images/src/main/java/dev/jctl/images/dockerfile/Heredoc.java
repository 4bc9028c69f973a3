package dev.jctl.images.dockerfile;

/**
 * A document that stands in the file itself: {@code <<EOF}.
 *
 * @param expand variables in it are replaced: its name was not quoted
 * @param content with the newline of its last line
 */
public record Heredoc(String name, boolean expand, String content) {}
