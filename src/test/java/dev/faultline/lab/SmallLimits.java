package dev.faultline.lab;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** The default limits with some of them changed, by name. */
public final class SmallLimits {
  private SmallLimits() {}

  /** The limits with one of another value. */
  public static Limits with(Limits limits, String name, Number value) {
    RecordComponent[] components = Limits.class.getRecordComponents();
    Object[] values = new Object[components.length];
    boolean found = false;
    try {
      for (int i = 0; i < values.length; i++) {
        boolean isIt = components[i].getName().equals(name);
        found |= isIt;
        values[i] = components[i].getAccessor().invoke(limits);
        if (isIt) {
          values[i] = values[i] instanceof Long ? (Object) value.longValue() : value.intValue();
        }
      }
      if (!found) {
        throw new IllegalArgumentException("there is no limit " + name);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return Limits.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException exception) {
      throw new IllegalStateException(exception);
    }
  }
}
