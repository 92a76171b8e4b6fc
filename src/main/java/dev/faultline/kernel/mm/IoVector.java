package dev.faultline.kernel.mm;

/** A piece of a process's memory ({@code struct iovec}). */
public record IoVector(long address, long length) {}
