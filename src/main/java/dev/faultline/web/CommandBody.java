package dev.faultline.web;

/** Where the members of a command come from: JSON, or nowhere while a command is described. */
interface CommandBody {
  <T> T get(Member<T> member);

  boolean has(Member<?> member);

  BadRequestException bad(Member<?> member, String message);
}
