package dev.faultline.web;

/** Records to be written one a line. */
record NdJson(History.Records records, int limit) {}
