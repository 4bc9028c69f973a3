/**
 * Git repositories of others, as far as following them needs: what a reference stands for now, and
 * the files of a commit; and other files as if they were a commit's. The only importer of JGit;
 * nothing is checked out, so that no path or link of a repository is ever one of this machine.
 * Entry type: {@link dev.jctl.controller.git.Mirror}. Depends on nothing else here.
 */
@NullMarked
package dev.jctl.controller.git;

import org.jspecify.annotations.NullMarked;
