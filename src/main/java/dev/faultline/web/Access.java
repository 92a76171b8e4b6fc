package dev.faultline.web;

import dev.faultline.lab.DataDirectory;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;

/**
 * Who may do what with a laboratory or a recording. While only this computer is listened to, anyone
 * may act; else a token is wanted, one for acting and one for looking.
 *
 * <p>A token is a keyed hash of what it opens. So nothing has to be kept for each laboratory, and
 * with the key in the data directory tokens outlive the server as laboratories do.
 */
@Component
final class Access {
  /** What somebody may do, the least first. */
  enum Level {
    NONE,
    LOOK,
    ACT
  }

  private static final String COOKIE = "faultline";
  private static final String BEARER = "bearer ";
  private static final int TOKEN_BYTES = 24;

  private final boolean isOpen;
  private final byte[] key;

  Access(@Value("${faultline.access:}") String mode, ServerProperties server, DataDirectory data) {
    isOpen =
        switch (mode) {
          case "open" -> true;
          case "token" -> false;
          case "" -> isLoopback(server.getAddress());
          default ->
              throw new IllegalArgumentException(
                  "faultline.access must be open or token, not " + mode);
        };
    key = isOpen ? new byte[1] : data.accessKey();
  }

  static boolean isLoopback(@Nullable InetAddress address) {
    return address != null && address.isLoopbackAddress();
  }

  boolean isOpen() {
    return isOpen;
  }

  /** What a laboratory's or a recording's owner is given: the members of an answer. */
  Map<String, String> tokens(String id) {
    return isOpen
        ? Map.of()
        : Map.of("token", token(Level.ACT, id), "viewToken", token(Level.LOOK, id));
  }

  /** A token that lets its holder look and nothing else, null where nobody needs one. */
  @Nullable String viewToken(String id) {
    return isOpen ? null : token(Level.LOOK, id);
  }

  private String token(Level level, String id) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] hash = mac.doFinal((level + "/" + id).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(hash, TOKEN_BYTES));
    } catch (GeneralSecurityException exception) {
      throw new IllegalStateException(exception);
    }
  }

  /** What a token allows, whether or not there is anything with this id. */
  Level level(@Nullable String token, String id) {
    if (isOpen || isSame(token, token(Level.ACT, id))) {
      return Level.ACT;
    }
    return isSame(token, token(Level.LOOK, id)) ? Level.LOOK : Level.NONE;
  }

  /** Takes as long for a token that is nearly right as for one that is all wrong. */
  private static boolean isSame(@Nullable String given, String right) {
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
  }

  /** What a request may do: the best of its headers and its cookies. */
  Level level(HttpServletRequest request, String id) {
    Level best = level((String) null, id);
    for (String header : Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION))) {
      Level level = level(bearer(header), id);
      best = level.compareTo(best) > 0 ? level : best;
    }
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        boolean isOurs = cookie.getName().equals(COOKIE) || cookie.getName().equals(COOKIE + id);
        Level level = isOurs ? level(cookie.getValue(), id) : Level.NONE;
        best = level.compareTo(best) > 0 ? level : best;
      }
    }
    return best;
  }

  private static @Nullable String bearer(String header) {
    return header.toLowerCase(Locale.ROOT).startsWith(BEARER)
        ? header.substring(BEARER.length()).strip()
        : null;
  }

  /**
   * @throws NoAccessException when a request may not do that much
   */
  void check(HttpServletRequest request, String id, Level needed) {
    Level level = level(request, id);
    if (level.compareTo(needed) < 0) {
      throw level == Level.NONE
          ? new NoAccessException(
              Rule.NO_TOKEN, "a token is wanted: Authorization: Bearer, or the page's own link")
          : new NoAccessException(Rule.VIEW_ONLY, "this token lets you look, not act");
    }
  }

  /**
   * Gives the browser a token to keep for the page of a laboratory, which calls the API too, and
   * for the page that compares it, where those of others stand beside it. No other address is sent
   * it, no script sees it, and no other site's form is sent with it.
   */
  static void keep(String token, String lab, HttpServletRequest request, HttpServletResponse to) {
    keepFor("/labs/" + lab, token, request, to);
    keep(COOKIE + lab, "/compare", token, request, to);
  }

  private static void keepFor(
      String page, String token, HttpServletRequest request, HttpServletResponse to) {
    keep(COOKIE, page, token, request, to);
    keep(COOKIE, "/api/v1" + page, token, request, to);
  }

  private static void keep(
      String name, String path, String token, HttpServletRequest request, HttpServletResponse to) {
    ResponseCookie cookie =
        ResponseCookie.from(name, token)
            .path(path)
            .httpOnly(true)
            .secure(request.isSecure())
            .sameSite("Lax")
            .build();
    to.addHeader(HttpHeaders.SET_COOKIE, cookie.toString());
  }

  /** The same for a laboratory that was opened by the page's own form. */
  void keepOwners(String lab, HttpServletRequest request, HttpServletResponse response) {
    if (!isOpen) {
      keep(token(Level.ACT, lab), lab, request, response);
    }
  }

  /** The same for a recording that was uploaded by the page's own form. */
  void keepUploaders(String recording, HttpServletRequest request, HttpServletResponse response) {
    if (!isOpen) {
      keepFor("/recordings/" + recording, token(Level.ACT, recording), request, response);
    }
  }
}
