/**
 * The way in from outside: the HTTP interface, the streams that follow a log, and the pages. The
 * one package that knows Spring, the wiring of {@code lab} aside.
 */
@NullMarked
package dev.faultline.web;

import org.jspecify.annotations.NullMarked;
