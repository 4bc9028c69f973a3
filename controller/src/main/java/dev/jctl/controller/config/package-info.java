/**
 * What Pods take from ConfigMaps, Secrets, their ServiceAccount and their own fields: environment
 * variables and files. Entry types: {@link dev.jctl.controller.config.ConfigReferences}, {@link
 * dev.jctl.controller.config.EnvSources}, {@link dev.jctl.controller.config.ConfigVolumes}. Pure.
 */
@NullMarked
package dev.jctl.controller.config;

import org.jspecify.annotations.NullMarked;
