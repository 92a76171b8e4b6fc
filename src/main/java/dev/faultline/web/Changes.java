package dev.faultline.web;

/** Records to be written as one JSON object, each as it is read. */
record Changes(History.Records records, long after, long head, int limit) {}
