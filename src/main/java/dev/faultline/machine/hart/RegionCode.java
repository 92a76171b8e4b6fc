package dev.faultline.machine.hart;

import static java.lang.constant.ConstantDescs.CD_Object;

import dev.faultline.machine.hart.CompiledRegion.Code;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes hidden classes of regions. A class knows nothing of the machine that it was made for, so
 * that all machines of the JVM share those of equal regions: a program that ran in one laboratory
 * runs at full speed in the next.
 */
final class RegionCode {
  /** HotSpot compiles no method that is longer. */
  static final int MOST_BYTES = 8000;

  /** Who runs a region keeps its class; here only the latest ones wait to be used again. */
  private static final int MOST_KEPT = 2000;

  private static final Map<ByteBuffer, Code> KEPT =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Code> eldest) {
          return size() > MOST_KEPT;
        }
      };

  private RegionCode() {}

  /** The code of a region; null when it would be too long. */
  static @Nullable Code of(CompiledRegion region) {
    ByteBuffer content = region.content();
    synchronized (KEPT) {
      Code kept = KEPT.get(content);
      if (kept != null) {
        return kept;
      }
    }
    byte[] bytes = bytes(region);
    if (length(bytes) > MOST_BYTES) {
      return null;
    }
    Code made = define(bytes);
    synchronized (KEPT) {
      KEPT.put(content, made);
    }
    return made;
  }

  private static byte[] bytes(CompiledRegion region) {
    String name = RegionCode.class.getPackageName() + ".Region";
    return ClassFile.of()
        .build(
            ClassDesc.of(name),
            type -> {
              type.withInterfaceSymbols(ClassDesc.of(Code.class.getName()));
              type.withMethodBody(
                  ConstantDescs.INIT_NAME,
                  ConstantDescs.MTD_void,
                  ClassFile.ACC_PUBLIC,
                  code ->
                      code.aload(0)
                          .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                          .return_());
              type.withMethodBody(
                  "run",
                  RegionEmitter.RUN,
                  AccessFlag.PUBLIC.mask(),
                  code -> new RegionEmitter(code, region).emit());
            });
  }

  private static int length(byte[] bytes) {
    return ClassFile.of().parse(bytes).methods().stream()
        .flatMap(method -> method.findAttribute(Attributes.code()).stream())
        .mapToInt(CodeAttribute::codeLength)
        .max()
        .orElseThrow();
  }

  private static Code define(byte[] bytes) {
    try {
      Class<?> type = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
      return (Code) type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
