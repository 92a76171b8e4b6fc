package dev.faultline.web;

import static dev.faultline.web.SettingsMembers.AD_BITS;
import static dev.faultline.web.SettingsMembers.FAULT_AROUND;
import static dev.faultline.web.SettingsMembers.HARTS;
import static dev.faultline.web.SettingsMembers.NAME;
import static dev.faultline.web.SettingsMembers.OVERCOMMIT;
import static dev.faultline.web.SettingsMembers.PAGING;
import static dev.faultline.web.SettingsMembers.PRIVATE_FILE;
import static dev.faultline.web.SettingsMembers.READAHEAD;
import static dev.faultline.web.SettingsMembers.RECLAIM;
import static dev.faultline.web.SettingsMembers.SEED;
import static dev.faultline.web.SettingsMembers.THP;
import static dev.faultline.web.SettingsMembers.TLB;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.web.SettingsMembers.TlbShape;

/** Reads the settings of a laboratory; the same function tells the document which there are. */
final class SettingsReader {
  private final Limits limits;
  private final SettingsMembers members;

  SettingsReader(Limits limits) {
    this.limits = limits;
    members = new SettingsMembers(limits);
  }

  Settings read(Members body) {
    Settings settings = read((Body) body);
    body.refuseOthers();
    return settings;
  }

  BodySchema schema() {
    var schema = new BodySchema("LabSettings");
    read(schema);
    return schema;
  }

  private Settings read(Body in) {
    String name = in.get(NAME);
    long seed = in.get(SEED);
    int frames = in.get(members.frames);
    TlbShape tlb = in.get(TLB);
    var machine =
        new MachineConfiguration(
            0,
            frames,
            in.get(PAGING),
            tlb.entries(),
            tlb.ways(),
            tlb.policy(),
            seed,
            in.get(AD_BITS),
            in.get(HARTS));
    int faultAround = in.get(FAULT_AROUND);
    if (faultAround != 0 && !SettingsMembers.isPowerOfTwo(faultAround)) {
      throw in.bad(FAULT_AROUND, "must be 0 or a power of two");
    }
    int swap =
        in.has(members.swap)
            ? in.get(members.swap)
            : Math.min(Settings.swapFor(frames), limits.swap());
    var kernel =
        new KernelConfiguration(
            machine,
            in.get(PRIVATE_FILE),
            new Prefetch(in.get(READAHEAD), faultAround),
            swap,
            in.get(RECLAIM),
            in.get(OVERCOMMIT),
            in.get(THP));
    return new Settings(name, seed, kernel);
  }
}
