package dev.faultline;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the laboratory. */
@SpringBootApplication
public class Faultline {
  public static void main(String[] args) {
    SpringApplication.run(Faultline.class, args);
  }
}
