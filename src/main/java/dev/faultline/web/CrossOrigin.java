package dev.faultline.web;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Which pages of other sites may use the API: none, unless {@code faultline.cors.origins} says. */
@Component
final class CrossOrigin implements WebMvcConfigurer {
  private final List<String> origins;
  private final AccessInterceptor access;

  CrossOrigin(@Value("${faultline.cors.origins:}") List<String> origins, AccessInterceptor access) {
    this.origins = origins;
    this.access = access;
  }

  List<String> origins() {
    return origins;
  }

  @Override
  public void addCorsMappings(CorsRegistry registry) {
    if (!origins.isEmpty()) {
      registry
          .addMapping("/api/**")
          .allowedOrigins(origins.toArray(String[]::new))
          .allowedMethods("GET", "HEAD", "POST", "PUT", "DELETE")
          .exposedHeaders("ETag", "Link", "Location", "Retry-After", "Content-Range");
    }
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(access);
  }
}
