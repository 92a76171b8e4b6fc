package dev.faultline.web;

import dev.faultline.lab.Limits;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.stereotype.Component;

/**
 * Lays {@link ApiDescription} over the document that springdoc generates: what bodies hold, which
 * are read by hand, and what is answered.
 */
@Component
final class ApiDocument implements OpenApiCustomizer {
  private static final String PROBLEM = "#/components/schemas/Problem";

  private final ApiDescription api;

  ApiDocument(ApiDescription api) {
    this.api = api;
  }

  @Override
  public void customise(OpenAPI document) {
    OpenAPI written = read();
    document.info(
        new Info()
            .title("Faultline")
            .version("v1")
            .description("A laboratory for virtual memory. GET /problems lists every problem type.")
            .license(new License().name("Apache-2.0")));
    document.setServers(null); // the address it was read from
    Components components = document.getComponents();
    // what a laboratory shows; GET /limits has them among its own members
    ModelConverters.getInstance(true).read(Limits.class).forEach(components::addSchemas);
    written.getComponents().getSchemas().forEach(components::addSchemas);
    written.getComponents().getResponses().forEach(components::addResponses);
    written
        .getPaths()
        .forEach((path, item) ->
            item.readOperationsMap()
                .forEach((method, operation) -> overlay(find(document, path, method), operation)));
    document
        .getPaths()
        .values()
        .forEach(item -> item.readOperations().forEach(ApiDocument::addProblem));
  }

  private OpenAPI read() {
    return Yaml31.mapper().convertValue(api.document(), OpenAPI.class);
  }

  private static Operation find(OpenAPI document, String path, PathItem.HttpMethod method) {
    PathItem item = document.getPaths().get(path);
    Operation operation = item == null ? null : item.readOperationsMap().get(method);
    if (operation == null) {
      throw new IllegalStateException("openapi.yaml describes a call that is not there: " + path);
    }
    return operation;
  }

  private static void overlay(Operation generated, Operation written) {
    if (written.getResponses() != null) {
      generated.setResponses(written.getResponses());
    }
    if (written.getRequestBody() != null) {
      generated.setRequestBody(written.getRequestBody());
    }
    if (written.getDescription() != null) {
      generated.setDescription(written.getDescription());
    }
    if (written.getParameters() != null) {
      written
          .getParameters()
          .forEach(parameter -> {
            generated.getParameters().removeIf(other -> isSame(other, parameter));
            generated.addParametersItem(parameter);
          });
    }
  }

  private static boolean isSame(Parameter one, @Nullable Parameter other) {
    return other != null && one.getName().equals(other.getName());
  }

  private static void addProblem(Operation operation) {
    var schema = new Schema<Object>().$ref(PROBLEM);
    var content =
        new Content().addMediaType("application/problem+json", new MediaType().schema(schema));
    operation
        .getResponses()
        .addApiResponse("default", new ApiResponse().description("A problem").content(content));
  }
}
