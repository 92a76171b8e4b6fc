package dev.faultline.web;

import dev.faultline.web.Access.Level;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Asks for a token before anything is done with a laboratory or a recording. It looks at the very
 * variables of the address that the controller is then given, so that no spelling of an address can
 * mean one thing here and another there.
 */
@Component
final class AccessInterceptor implements HandlerInterceptor {
  static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

  private final Access access;
  private final Rates rates;

  AccessInterceptor(Access access, Rates rates) {
    this.access = access;
    this.rates = rates;
  }

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws IOException {
    if (CorsUtils.isPreFlightRequest(request)
        || !(request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
            instanceof Map<?, ?> variables)) {
      return true;
    }
    boolean acts = !SAFE_METHODS.contains(request.getMethod());
    Object lab = variables.get("lab");
    if (lab instanceof String id) {
      if (isLink(request, response, id)) {
        return false;
      }
      check(request, id, acts && !request.getRequestURI().equals("/labs/" + id + "/branch"));
      if (acts) {
        rates.takeOfLab(id);
      }
    }
    if (variables.get("recording") instanceof String id) {
      check(request, id, acts && !request.getRequestURI().equals("/recordings/" + id + "/branch"));
    }
    return true;
  }

  /** A branch leaves what it comes from as it is: who may look may have one. */
  private void check(HttpServletRequest request, String id, boolean acts) {
    access.check(request, id, acts ? Level.ACT : Level.LOOK);
  }

  /** A link to a page may carry a token, which goes into a cookie and out of the address. */
  private boolean isLink(HttpServletRequest request, HttpServletResponse response, String lab)
      throws IOException {
    String token = request.getParameter("token");
    boolean isPage = request.getRequestURI().equals("/labs/" + lab);
    if (!isPage || token == null || access.isOpen() || access.level(token, lab) == Level.NONE) {
      return false;
    }
    Access.keep(token, lab, request, response);
    response.sendRedirect("/labs/" + lab);
    return true;
  }
}
