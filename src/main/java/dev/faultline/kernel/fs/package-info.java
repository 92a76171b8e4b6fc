/**
 * The in-memory file system: inodes, directories, open files. Its bytes are the disk that the page
 * cache reads from.
 */
@NullMarked
package dev.faultline.kernel.fs;

import org.jspecify.annotations.NullMarked;
