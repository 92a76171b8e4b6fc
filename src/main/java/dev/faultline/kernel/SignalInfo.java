package dev.faultline.kernel;

import dev.faultline.log.Signal;

/** A signal as a handler would see it ({@code siginfo_t}). */
public record SignalInfo(Signal signal, Signal.Code code, long address) {}
