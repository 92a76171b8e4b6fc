/** System V IPC: what processes share by a number ({@code ipc/}). */
@NullMarked
package dev.faultline.kernel.ipc;

import org.jspecify.annotations.NullMarked;
