package dev.faultline.web;

/** Where members come from: JSON, or nowhere while they are described. */
interface Body {
  <T> T get(Member<T> member);

  boolean has(Member<?> member);

  BadRequestException bad(Member<?> member, String message);
}
