package dev.faultline.lab;

class MemoryCommandLogTest extends CommandLogTest {
  @Override
  CommandLog make() {
    return new MemoryCommandLog();
  }
}
