package dev.faultline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** A package stands only on those below it. */
@AnalyzeClasses(packages = "dev.faultline", importOptions = DoNotIncludeTests.class)
class FloorsTest {
  private static final String LOG = "dev.faultline.log..";
  private static final String MACHINE = "dev.faultline.machine..";
  private static final String KERNEL = "dev.faultline.kernel..";
  private static final String RECORDING = "dev.faultline.recording..";
  private static final String LAB = "dev.faultline.lab..";
  private static final String LESSON = "dev.faultline.lesson..";
  private static final String WEB = "dev.faultline.web..";
  private static final String START = "dev.faultline";

  private static final List<String> FROM_TOP =
      List.of(START, WEB, LESSON, LAB, RECORDING, KERNEL, MACHINE, LOG);

  @ArchTest
  void floor_knowsNoneAboveIt(JavaClasses classes) {
    for (int i = 1; i < FROM_TOP.size(); i++) {
      var above = FROM_TOP.subList(0, i).toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(FROM_TOP.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above)
          .check(classes);
    }
  }

  @ArchTest
  void recording_standsOnTheLogAlone(JavaClasses classes) {
    noClasses()
        .that()
        .resideInAPackage(RECORDING)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(KERNEL, MACHINE)
        .check(classes);
  }

  @ArchTest
  void spring_staysInWebAndInTheWiringOfLab(JavaClasses classes) {
    noClasses()
        .that()
        .resideInAnyPackage(LESSON, RECORDING, KERNEL, MACHINE, LOG)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework..")
        .check(classes);
  }

  @ArchTest
  void packages_formNoCycle(JavaClasses classes) {
    slices().matching("dev.faultline.(**)").should().beFreeOfCycles().check(classes);
  }

  @ArchTest
  void packages_areNullMarked(JavaClasses classes) {
    var packages = classes.stream().map(JavaClass::getPackage).distinct();
    assertThat(packages)
        .isNotEmpty()
        .allMatch(p -> p.isAnnotatedWith(NullMarked.class), "is @NullMarked");
  }
}
