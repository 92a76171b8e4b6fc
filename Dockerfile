FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
# Formatting and tests are the business of CI.
RUN mvn -B -ntp package -DskipTests -Dexec.skip
# What changes least comes first, so that a new version is a small layer on top of the libraries.
RUN java -Djarmode=tools -jar target/faultline.jar extract --layers --destination layers

FROM eclipse-temurin:25-jre
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
USER 10001:10001
# The container is the fence here; on a bare machine the default stays loopback.
ENV SERVER_ADDRESS=0.0.0.0
EXPOSE 8080
# bash speaks TCP itself; the image has no curl to rely on.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /actuator/health HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '\"status\":\"UP\"' <&3"]
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "faultline.jar"]
