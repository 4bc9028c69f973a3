/**
 * The command line: arguments to commands, commands to requests, answers to text. Entry type:
 * {@link dev.jctl.cli.JctlMain}. Depends on args, client, output and the manifests' codec. Never
 * loads the Fabric8 model, whose classes alone would take longer than a command may.
 */
@NullMarked
package dev.jctl.cli;

import org.jspecify.annotations.NullMarked;
