package dev.faultline.web;

import dev.faultline.lab.Limits;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/** The limits as an operator may set them; what is left out is as in {@link Limits#DEFAULT}. */
@ConfigurationProperties(prefix = "faultline.limits", ignoreUnknownFields = false)
@Validated
record LimitsProperties(
    @Min(1) @Max(1_000_000) @Nullable Integer labs,
    @Min(Limits.LEAST_FRAMES) @Max(Integer.MAX_VALUE >> 12) @Nullable Integer frames,
    @Min(0) @Max(Integer.MAX_VALUE >> 12) @Nullable Integer swap,
    @Min(1) @Max(32_767) @Nullable Integer processes,
    @Min(1) @Max(1_000_000) @Nullable Integer files,
    @Min(1) @Max(Integer.MAX_VALUE >> 1) @Nullable Long fileBytes,
    @Min(1) @Max(1 << 28) @Nullable Integer accessBytes,
    @Min(1) @Max(1_000_000) @Nullable Integer commands,
    @Min(1) @Max(1 << 30) @Nullable Integer requestBytes,
    @Min(16_384) @Max(1 << 30) @Nullable Integer logWords,
    @Min(64) @Max(1 << 24) @Nullable Integer strings,
    @Min(4_096) @Max(1L << 32) @Nullable Long stringCharacters,
    @Min(1) @Max(100_000) @Nullable Integer steps,
    @Min(1) @Max(1L << 62) @Nullable Long runInstructions,
    @Min(1) @Max(3_600_000) @Nullable Integer runMillis,
    @Min(0) @Max(1_000_000) @Nullable Integer recordings,
    @Min(65_536) @Max(1L << 40) @Nullable Long recordingBytes,
    @Min(0) @Max(1_000_000) @Nullable Integer recordingHours,
    @Min(1 << 20) @Max(1L << 50) @Nullable Long dataBytes) {

  Limits limits() {
    Limits other = Limits.DEFAULT;
    return new Limits(
        or(labs, other.labs()),
        or(frames, other.frames()),
        or(swap, other.swap()),
        or(processes, other.processes()),
        or(files, other.files()),
        or(fileBytes, other.fileBytes()),
        or(accessBytes, other.accessBytes()),
        or(commands, other.commands()),
        or(requestBytes, other.requestBytes()),
        or(logWords, other.logWords()),
        or(strings, other.strings()),
        or(stringCharacters, other.stringCharacters()),
        or(steps, other.steps()),
        or(runInstructions, other.runInstructions()),
        or(runMillis, other.runMillis()),
        or(recordings, other.recordings()),
        or(recordingBytes, other.recordingBytes()),
        or(recordingHours, other.recordingHours()),
        or(dataBytes, other.dataBytes()));
  }

  private static <T> T or(@Nullable T given, T otherwise) {
    return given == null ? otherwise : given;
  }
}
