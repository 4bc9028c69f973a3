package dev.jctl.controller.git;

/**
 * @param path from the repository's root
 */
public record RepositoryFile(String path, String text) {}
