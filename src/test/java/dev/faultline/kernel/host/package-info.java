/**
 * The kernel of the machine that the tests run on, as an oracle: random programs of system calls,
 * loads, stores and forks run in a laboratory and in real processes, and whatever a process can
 * observe must agree after every operation.
 *
 * <p>{@code HostServers} has the real processes and {@code server.S} is what they run; {@code
 * Operation} and {@code Call} are the programs' language, {@code ProgramGenerator} writes them;
 * {@code Comparison} runs one on both {@code Side}s and holds their {@code Answer}s and {@code
 * Snapshot}s together; {@code Shrinker} makes a program that differs small; {@code Recording} keeps
 * what Linux answered for machines that have none.
 */
@NullMarked
package dev.faultline.kernel.host;

import org.jspecify.annotations.NullMarked;
