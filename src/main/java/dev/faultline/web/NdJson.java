package dev.faultline.web;

import dev.faultline.log.Cursor;

/** Records to be written one a line. */
record NdJson(Cursor cursor, int limit) {}
