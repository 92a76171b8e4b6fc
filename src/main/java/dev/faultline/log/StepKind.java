package dev.faultline.log;

import static dev.faultline.log.Actor.CPU;
import static dev.faultline.log.Actor.DISK;
import static dev.faultline.log.Actor.KERNEL;
import static dev.faultline.log.Actor.MMU;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every kind of step that a story can have: who acts, the sentence that tells it, and for the few
 * steps that matter when the story is told in one sentence, the words it adds there. A step of the
 * second part of this list, from {@link #NO_VMA} on, names the rule that decided how the operation
 * ended.
 */
public enum StepKind {
  ISSUES(CPU, "issues {instruction:text}: {access:access} of {size|byte|bytes} at {va:hex}"),
  REPEATS(
      CPU,
      "goes on within this page: {bytes|byte|bytes} more by {count|access, a TLB hit|accesses, all"
          + " of them TLB hits}"),
  TRAPS(
      CPU,
      "traps from U-mode to S-mode: {cause:cause} (scause {cause}), stval {stval:hex}, sepc"
          + " {sepc:hex}"),
  RETRIES(CPU, "returns with sret to {pc:hex}: the same instruction runs again", "retried"),
  RESUMES(CPU, "returns with sret to {pc:hex}"),
  MOVES(CPU, "finishes the {access:access}: {size|byte|bytes} at physical address {pa:hex}"),
  FETCHES(CPU, "fetches {bits:hex} from physical address {pa:hex}"),
  EXECUTES(CPU, "executes {instruction:text} at {pc:hex}", "{instruction:text}"),

  TRAPS_TO_M(
      CPU,
      "traps from {from:privilege}-mode to M-mode: {cause:cause} (mcause {cause}), mtval"
          + " {value:hex}, mepc {epc:hex}; the handler is at {handler:hex}"),
  TRAPS_TO_S(
      CPU,
      "traps from {from:privilege}-mode to S-mode, by medeleg: {cause:cause} (scause {cause}),"
          + " stval {value:hex}, sepc {epc:hex}; the handler is at {handler:hex}"),
  INTERRUPTS_TO_M(
      CPU,
      "is interrupted in {from:privilege}-mode, for M-mode: {interrupt:interrupt}, mepc {epc:hex};"
          + " the handler is at {handler:hex}"),
  INTERRUPTS_TO_S(
      CPU,
      "is interrupted in {from:privilege}-mode, for S-mode by mideleg: {interrupt:interrupt}, sepc"
          + " {epc:hex}; the handler is at {handler:hex}"),
  RETURNS_FROM_M(CPU, "returns with mret from M-mode to {to:privilege}-mode, to {pc:hex}"),
  RETURNS_FROM_S(
      CPU, "returns with sret from {from:privilege}-mode to {to:privilege}-mode, to {pc:hex}"),
  WAITS(CPU, "waits with wfi until the timer's interrupt comes: mtime goes on to {time}"),

  TRANSLATES(MMU, "translates {va:hex} for a {access:access} in {privilege:privilege}-mode"),
  TLB_HIT(MMU, "finds page {va:hex} in TLB set {set}, way {way}: frame {ppn:hex}, {flags:flags}"),
  TLB_MISS(MMU, "looks for page {va:hex}, ASID {asid}, in TLB set {set}: miss"),
  READS_SATP(MMU, "reads satp: the root table is frame {ppn:hex}, {levels} levels"),
  READS_POINTER(
      MMU,
      "reads L{level}[{index}] at {pa:hex}: {value:hex}, a pointer to the table in frame"
          + " {ppn:hex}"),
  READS_LEAF(
      MMU,
      "reads L{level}[{index}] at {pa:hex}: {value:hex}, a leaf for frame {ppn:hex},"
          + " {value:flags}"),
  READS_UNUSABLE(
      MMU, "reads L{level}[{index}] at {pa:hex}: {value:hex}, page fault because of {bit:bit}"),
  CANNOT_READ(
      MMU,
      "cannot read L{level}[{index}] at {pa:hex}, which is no memory or protected: access fault"),
  FORBIDS(
      MMU, "bit {bit:bit} of the entry ({flags:flags}) forbids this {access:access}: page fault"),
  NOT_CANONICAL(
      MMU,
      "bits 63 to {top} of {va:hex} are not all alike: the address is not canonical, page fault"),
  SETS_ACCESSED_DIRTY(
      MMU, "sets A and D as needed in the entry at {pa:hex}: {old:flags} becomes {new:flags}"),
  FILLS_TLB(MMU, "fills TLB set {set}, way {way} with frame {ppn:hex}, {flags:flags}"),

  FINDS_PHYSICAL(MMU, "finds the physical address {pa:hex}"),

  FINDS_VMA(
      KERNEL,
      "finds the VMA {start:hex}-{end:hex} {prot:prot} {sharing:sharing} {path:text} around"
          + " {va:hex}"),
  CACHE_HIT(
      KERNEL,
      "finds page {page} of {path:text} in the page cache, frame {ppn:hex}: no disk is needed"),
  CACHE_MISS(KERNEL, "does not find page {page} of {path:text} in the page cache"),
  READS_DISK(
      DISK,
      "reads {bytes|byte|bytes} of {path:text}, page {page}, into frame {ppn:hex}; any rest of it"
          + " is zero"),
  MAKES_CACHED(
      KERNEL,
      "makes page {page} of {path:text}, a file in memory alone, in frame {ppn:hex}: all zero, and"
          + " no disk is read"),
  READS_AROUND(
      KERNEL,
      "reads around the missing page {page} of {path:text}: {pages|page|pages} from page {first}"
          + " on, as far as the file goes (readahead = {most})"),
  BEGINS_WINDOW(
      KERNEL,
      "takes page {page} of {path:text}, {wanted} wanted, for the beginning of a sequence: a first"
          + " window of {pages|page|pages} (readahead = {most})"),
  NEXT_WINDOW(
      KERNEL,
      "finds the readahead mark on page {page} of {path:text}: the next window, {pages|page|pages}"
          + " from page {first} on (readahead = {most})",
      "the next {pages|page|pages} read ahead"),
  READS_ALONE(
      KERNEL,
      "takes page {page} of {path:text} for a random access: reads the {wanted|page|pages} wanted"
          + " and no more"),
  READS_DISK_RUN(
      DISK,
      "reads {pages|page|pages} of {path:text} in one request, page {first} to page {last}",
      "{pages|page|pages} read at once"),
  MAPS_AROUND(
      KERNEL,
      "maps {pages|page|pages} of {start:hex}-{end:hex} that are in the page cache, without W:"
          + " reading there will not fault (fault-around)",
      "{pages|page|pages} mapped around"),
  TAKES_FRAME(KERNEL, "takes the free frame {ppn:hex} ({kind:kind})"),
  LINKS_TABLE(
      KERNEL,
      "makes the L{level} entry at {pa:hex} point to the new, zeroed table in frame {ppn:hex}"),
  SUPERPAGE_FAULT(
      KERNEL,
      "anonymous memory that a superpage can map: takes frames {ppn:hex} to {last:hex} for"
          + " {va:hex}, 2 MiB",
      "2 MiB page fault"),
  NO_SUPERPAGE(
      KERNEL,
      "would map 2 MiB from {va:hex} on at once, but no 512 free frames follow each other, of"
          + " {free}: small pages will do"),
  ZEROES_SUPERPAGE(KERNEL, "zeroes frames {first:hex} to {last:hex}"),
  CLEARS_SUPERPAGE(
      KERNEL, "clears the L1 leaf for {va:hex}, which mapped 512 frames from {ppn:hex} on"),
  SHARES_SUPERPAGE(
      KERNEL,
      "copies the L1 leaf for {va:hex} into the child: each of the 512 frames from {ppn:hex} on has"
          + " one reference more"),
  SPLITS_SUPERPAGE(
      KERNEL,
      "splits the superpage at {va:hex}: the same frames, from {ppn:hex} on, by 512 entries of the"
          + " table in frame {table:hex}",
      "a superpage was split"),
  ZEROES(KERNEL, "zeroes frame {ppn:hex}"),
  COPIES(
      KERNEL,
      "copies 4096 bytes of frame {from:hex} to frame {to:hex}",
      "frame {from:hex} copied to {to:hex}"),
  COPIES_FROM_USER(KERNEL, "copies {bytes|byte|bytes} from {va:hex} of P{pid}, in frame {ppn:hex}"),
  COPIES_TO_USER(KERNEL, "copies {bytes|byte|bytes} to {va:hex} of P{pid}, in frame {ppn:hex}"),
  REFS_PARTED(
      KERNEL,
      "moves this process from frame {from:hex} (refs {before} -> {after}) to frame {to:hex} (refs"
          + " 0 -> 1)",
      "refs {before} -> {after} and 0 -> 1"),
  MAPS_COPY(
      KERNEL,
      "maps the copy, frame {to:hex} (refs 0 -> 1), from the start: frame {from:hex} was not mapped"
          + " here and keeps its {refs|reference|references}",
      "refs 0 -> 1"),
  WRITES_ENTRY(
      KERNEL,
      "writes the entry at {pa:hex}: {old:hex} ({old:flags}) becomes {new:hex} ({new:flags})"),
  CLEARS_ENTRY(KERNEL, "clears the entry for {va:hex}, which mapped frame {ppn:hex}"),
  UNMAPS_FRAME(
      KERNEL, "takes this mapping off frame {ppn:hex}: {refs|reference is|references are} left"),
  FENCES(KERNEL, "sfence.vma for {va:hex}, ASID {asid}: its rows leave the TLB"),
  FENCES_SPACE(KERNEL, "sfence.vma for all of ASID {asid}: its rows leave the TLB"),
  FENCES_RANGE(
      KERNEL,
      "sfence.vma for {pages|page|pages} with a cleared entry, ASID {asid}: the rows leave the"
          + " TLB"),
  FENCES_CHANGED(
      KERNEL,
      "sfence.vma for {pages|changed entry|changed entries}, ASID {asid}: the rows leave the TLB"),
  SHOOTS_DOWN(
      KERNEL,
      "hart {hart} cannot fence for others: interrupts {harts} that have been in ASID {asid}, and"
          + " waits",
      "{harts|other hart was|other harts were} interrupted"),
  FENCES_FOR_ANOTHER(
      KERNEL,
      "hart {hart} is interrupted by hart {sender} and fences: {rows|row leaves|rows leave} its"
          + " TLB"),
  NEEDS_ROW_ONLY(
      KERNEL, "the entry allows this already: only the row in this hart's TLB was an old one"),
  ON_HART(KERNEL, "hart {hart} goes on, with P{pid}"),
  MIGRATES(KERNEL, "thread {tid} goes on on hart {hart}", "thread {tid} on hart {hart}"),
  RESIZES_FILE(KERNEL, "changes the size of {path:text} from {old} to {new|byte|bytes}"),
  UNMAPS_PAST_END(
      KERNEL,
      "unmaps {start:hex}-{end:hex} of P{pid}, which lies past the new end, private copies too"),
  PUNCHES_HOLE(KERNEL, "makes bytes {start} to {end} of {path:text} a hole, which reads as zero"),
  UNMAPS_HOLE(
      KERNEL, "unmaps {start:hex}-{end:hex} of P{pid}, where the hole is; private copies stay"),
  DROPS_CUT(KERNEL, "drops page {page} of {path:text} from the page cache, frame {ppn:hex}"),
  ZEROES_TAIL(KERNEL, "zeroes, from byte {from} on, {path:text} page {page} in frame {ppn:hex}"),
  WRITES_CACHED(
      KERNEL,
      "writes {bytes|byte|bytes} of {path:text} into page {page} of the page cache, frame"
          + " {ppn:hex}"),
  WRITES_DISK(
      DISK,
      "writes page {page} of {path:text}, frame {ppn:hex}, back to the disk: it is clean again",
      "page {page} written back"),
  FREES(KERNEL, "frees frame {ppn:hex}: nothing refers to it any more"),
  UNLINKS_TABLE(
      KERNEL,
      "clears the L{level} entry at {pa:hex}: no VMA needs the table in frame {ppn:hex} any more"),
  RECLAIMS(KERNEL, "{free|frame is|frames are} free and {needed} needed: looks for a page to take"),
  SECOND_CHANCE(
      KERNEL,
      "frame {ppn:hex} was used: {entries|entry that maps|entries that map} it had A, which is"
          + " cleared; it stays for now"),
  ACTIVATES(KERNEL, "frame {ppn:hex} was used again: it moves to the active list"),
  DEACTIVATES(
      KERNEL,
      "frame {ppn:hex}, the oldest of the active list, goes back to the inactive one with A"
          + " cleared"),
  CHOOSES(KERNEL, "takes frame {ppn:hex} ({kind:kind}): {reason:eviction}"),
  DROPS_CACHED(
      KERNEL,
      "drops the clean page {page} of {path:text} from the page cache to free frame {ppn:hex}"),
  DISCARDS(
      KERNEL,
      "frame {ppn:hex} was given up by MADV_FREE and not written since: its bytes are dropped",
      "frame {ppn:hex} discarded"),
  WRITES_SLOT(
      DISK,
      "writes frame {ppn:hex} to swap slot {slot}",
      "frame {ppn:hex} swapped out to slot {slot}"),
  READS_SLOT(
      DISK, "reads swap slot {slot} into frame {ppn:hex}", "slot {slot} read into frame {ppn:hex}"),
  FREES_SLOT(KERNEL, "frees swap slot {slot}: nothing refers to it any more"),
  CLEARS_SWAPPED(KERNEL, "clears the entry for {va:hex}, which named swap slot {slot}"),
  SHARES_SLOT(
      KERNEL,
      "copies the entry for {va:hex} into the child: swap slot {slot} has"
          + " {refs|reference|references} now"),
  MOVES_SWAPPED(
      KERNEL, "moves the entry for {from:hex} to {to:hex}; it names swap slot {slot} as before"),
  COUNTS_BADNESS(
      KERNEL,
      "P{pid} has {resident|page|pages} in memory, {swapped} in swap and {tables|table|tables}:"
          + " badness {points}"),
  GIVES_UP(
      KERNEL,
      "{pages|page|pages} may be dropped from now on, unless written first",
      "{pages|page|pages} given up"),
  INSTALLS_GUARDS(
      KERNEL,
      "makes guards of {pages|page|pages} in {start:hex}-{end:hex}, by the entries alone: no VMA is"
          + " split",
      "{pages|guard page|guard pages} installed"),
  REMOVES_GUARDS(
      KERNEL,
      "makes {pages|guard|guards} in {start:hex}-{end:hex} ordinary again, by clearing the entries",
      "{pages|guard page|guard pages} removed"),
  MOVES_GUARD(KERNEL, "moves the guard for {from:hex} to {to:hex}"),
  COPIES_GUARD(KERNEL, "copies the guard for {va:hex} into the child"),
  COLLAPSES(
      KERNEL,
      "collapses {va:hex} into frames {first:hex} to {last:hex}: {pages|page is|pages are} copied,"
          + " the rest is zero",
      "collapsed into a superpage"),
  COOLS(
      KERNEL,
      "{pages|page loses A and is|pages lose A and are} the next to go",
      "{pages|page is|pages are} the next to go"),
  PAGES_OUT(KERNEL, "{pages|page|pages} left memory", "{pages|page|pages} paged out"),

  FINDS_FILE(KERNEL, "looks up {path:text}: inode {inode}, {size|byte|bytes}"),
  CREATES_FILE(KERNEL, "creates {path:text}: inode {inode}"),
  FORGETS_FILE(
      KERNEL, "inode {inode} has no name, descriptor or mapping left: its pages are dropped"),
  GIVES_DESCRIPTOR(KERNEL, "gives the lowest free descriptor, {fd}", "descriptor {fd}"),
  SPAWNS(KERNEL, "makes an address space: root table in frame {root:hex}, ASID {asid}"),
  SHARES_SPACE(KERNEL, "makes P{pid} live in the memory of P{owner}: one address space for both"),
  STARTS_THREAD(KERNEL, "starts thread {tid} of P{pid}: its own registers, everything else shared"),
  RESTARTS_SEQUENCE(
      KERNEL, "thread {tid} was in a restartable sequence at {pc:hex}: it goes on at {abort:hex}"),
  ENDS_THREAD(KERNEL, "ends thread {tid} of P{pid}; the others go on"),
  WAKES_WAITERS(KERNEL, "wakes {threads|thread that waits|threads that wait} at this futex"),
  SHARES_FRAME(
      KERNEL,
      "copies the entry for {va:hex} into the child: frame {ppn:hex} has"
          + " {refs|reference|references} now"),
  CLEARS_W(
      KERNEL, "clears W for {va:hex} in parent and child: the next write of either will fault"),
  FORKED(
      KERNEL,
      "copied {vmas|VMA|VMAs} and {entries|table entry|table entries}, and not one page;"
          + " {cleared|entry|entries} lost W in both",
      "{entries|entry|entries} shared, {cleared} of them lost W in both"),
  KEEPS_FIXED(KERNEL, "MAP_FIXED asks for {address:hex} itself: whatever is mapped there goes"),
  KEEPS_HINT(KERNEL, "the hint {address:hex} is free: takes it"),
  LEAVES_HINT(KERNEL, "the hint {hint:hex} is not free: looks for a gap itself"),
  FINDS_GAP(KERNEL, "takes the highest gap that is long enough, below {base:hex}: {address:hex}"),
  ADDS_VMA(
      KERNEL,
      "adds the VMA {start:hex}-{end:hex}; no frame and no table entry yet",
      "one VMA at {start:hex}-{end:hex}"),
  MERGES_VMA(
      KERNEL,
      "joins the range to its neighbour: one VMA {start:hex}-{end:hex}",
      "the VMA {start:hex}-{end:hex} grew"),
  SPLITS_VMA(
      KERNEL, "splits the VMA {start:hex}-{end:hex} at {at:hex}", "a VMA was split at {at:hex}"),
  REMOVES_VMA(
      KERNEL, "removes the VMA {start:hex}-{end:hex}", "the VMA {start:hex}-{end:hex} went"),
  LOADS_PROGRAM(
      KERNEL,
      "loads {path:text}: {segments} segments, entry {entry:hex}, moved by {bias:hex}",
      "{path:text} loaded"),
  LOADS_INTERPRETER(
      KERNEL, "which wants the interpreter {path:text}: at {bias:hex}, entry {entry:hex}"),
  FILLS_STACK(
      KERNEL,
      "puts {arguments} arguments, {variables} variables and auxv on the stack at {sp:hex}"),
  ENTERS_CALL(KERNEL, "system call {name:text}({a:hex}, {b:hex}, {c:hex}, {d:hex}, {e:hex})"),
  LEAVES_CALL(KERNEL, "{name:text} returns {result:hex}"),
  WRITES_STREAM(
      KERNEL,
      "P{pid} writes {bytes|byte|bytes} to {stream:text}",
      "{bytes|byte|bytes} to {stream:text}"),
  SLEEPS(KERNEL, "P{pid} waits in {name:text}"),
  CALLS_HANDLER(KERNEL, "makes the process call its handler of {signal:signal} at {handler:hex}"),
  RUNS(KERNEL, "P{pid} is on the hart"),
  GROWS_STACK(
      KERNEL,
      "lets the VMA grow down to {start:hex}; it ends at {end:hex}",
      "stack grown to {start:hex}"),
  SETS_RLIMIT(KERNEL, "sets RLIMIT_{name:text} to {soft}"),
  MOVES_BRK(KERNEL, "moves the end of the heap from {old:hex} to {new:hex}"),
  HEARS_ADVICE(KERNEL, "hears the advice: it would matter only when frames run out"),
  MOVES_VMA(
      KERNEL,
      "moves {start:hex}-{end:hex} to {target:hex}: no page is copied",
      "moved to {target:hex}"),
  MOVES_ENTRY(
      KERNEL, "moves the entry for {from:hex} to {to:hex}; it maps frame {ppn:hex} as before"),
  MOVED(KERNEL, "moved {entries|entry|entries}", "{entries|entry|entries} moved, no page copied"),
  SEALS_VMA(KERNEL, "seals {start:hex}-{end:hex}", "{start:hex}-{end:hex} was sealed"),
  PROTECTS(KERNEL, "changes {start:hex}-{end:hex} from {old:prot} to {new:prot}"),
  PROTECTED(KERNEL, "{entries|entry|entries} changed with it", "{entries|entry|entries} changed"),
  EAGER(
      KERNEL,
      "eager strategy: copied the file range, {pages|page|pages}, into frames of its own",
      "eager: {pages|page|pages} copied at once"),
  UNMAPPED(
      KERNEL,
      "{entries|entry|entries} cleared, {freed|private frame|private frames} freed, {kept|page"
          + " stays|pages stay} in the page cache",
      "{entries|entry|entries} cleared, {freed|private frame|private frames} freed, {kept|page"
          + " stays|pages stay} cached"),

  NO_VMA(KERNEL, "no VMA contains {va:hex}"),
  VMA_FORBIDS(
      KERNEL,
      "the VMA {start:hex}-{end:hex} allows {prot:prot}, which does not include this"
          + " {access:access}"),
  GUARD_PAGE(
      KERNEL, "the entry for {va:hex} is a guard (MADV_GUARD_INSTALL): nobody may touch the page"),
  PAST_END(
      KERNEL, "page {page} lies wholly beyond the end of {path:text}, which has {size|byte|bytes}"),
  ZERO_PAGE(
      KERNEL,
      "anonymous memory that was only read: maps the shared zero page {ppn:hex}, no new frame",
      "zero page mapped"),
  ANONYMOUS_WRITE(
      KERNEL, "first write to this anonymous page: it gets a zeroed frame", "anonymous page fault"),
  FILE_READ(
      KERNEL,
      "a file page to be read: maps the cached frame {ppn:hex} without W",
      "file page fault"),
  COPY_ON_WRITE(
      KERNEL,
      "a private page that others can see is to be written: this process gets a copy of its own",
      "copy-on-write fault"),
  UNSHARES(
      KERNEL,
      "a private page that others can see is to be pinned for reading: this process gets a copy of"
          + " its own, so that what is pinned is what it will go on to see",
      "unsharing fault"),
  REUSE(
      KERNEL,
      "a private page that nobody else refers to any more is to be written: its frame {ppn:hex} is"
          + " kept, only W is set",
      "frame {ppn:hex} reused without a copy"),
  SHARED_WRITE(
      KERNEL,
      "first write to page {page} of a shared mapping: the cached page becomes dirty",
      "write-notify fault"),
  SWAPPED_OUT(
      KERNEL,
      "the entry {entry:hex} maps nothing: the page is on the disk, in swap slot {slot}; a major"
          + " fault",
      "major fault"),
  CACHED_IN_SLOT(
      KERNEL,
      "page {page} of {path:text} was swapped out to slot {slot}: a major fault",
      "major fault"),
  MARKS_ENTRY(KERNEL, "only A or D was missing: the kernel sets it (adBits = fault)", "A/D fault"),
  OUT_OF_FRAMES(
      KERNEL,
      "all {frames} frames are in use and none can be given back: kills P{pid}, whose badness"
          + " {points} is the highest",
      "out of memory: P{pid} killed"),
  THRASHES(
      KERNEL,
      "the instruction at {pc:hex} faulted {faults} times without getting on: memory cannot hold"
          + " all pages that it needs at once"),
  NOT_AN_INSTRUCTION(CPU, "{bits:hex} at {pc:hex} is no instruction of this hart"),

  ENDS(KERNEL, "ends P{pid}: its mappings, tables and descriptors are given back"),
  SENDS(KERNEL, "sends {signal:signal} for {address:hex}", "{signal:signal}"),

  BAD_DESCRIPTOR(KERNEL, "descriptor {fd} is not open"),
  NOT_OPEN_FOR_READING(KERNEL, "descriptor {fd} is not open for reading, which a mapping needs"),
  NOT_OPEN_FOR_WRITING(
      KERNEL, "a shared writable mapping needs a descriptor open RDWR; descriptor {fd} is not"),
  NO_SUCH_FILE(KERNEL, "{path:text} does not exist"),
  FILE_EXISTS(KERNEL, "{path:text} exists and EXCL was given"),
  IS_A_DIRECTORY(KERNEL, "{path:text} is a directory"),
  NOT_A_DIRECTORY(KERNEL, "a part of {path:text} before its last is not a directory"),
  NAME_TOO_LONG(KERNEL, "a path has at most 4095 bytes, a name in it 255"),
  NO_PROCESS_NUMBER(KERNEL, "all {limit} process numbers were given out"),
  NO_FREE_DESCRIPTOR(KERNEL, "all {limit} descriptors of the process are open"),
  LENGTH_ZERO(KERNEL, "the length is 0"),
  NOT_PAGE_ALIGNED(KERNEL, "{value:hex} is not a multiple of the page size"),
  NO_SHARING_TYPE(KERNEL, "exactly one of SHARED, PRIVATE and SHARED_VALIDATE must be given"),
  UNKNOWN_FLAGS(
      KERNEL, "SHARED_VALIDATE refuses flags that older kernels did not know: {flags:hex}"),
  OFFSET_OVERFLOWS(
      KERNEL, "offset {offset:hex} and length {length:hex} reach past the largest file"),
  NO_GAP(KERNEL, "no gap of {length:hex} bytes is free"),
  BEYOND_USER_SPACE(KERNEL, "{length:hex} bytes at {address:hex} reach beyond user space"),
  ALREADY_MAPPED(KERNEL, "FIXED_NOREPLACE: part of {address:hex} is mapped already"),
  TOO_MANY_VMAS(KERNEL, "the process has {limit} VMAs, which is max_map_count"),
  HOLE(KERNEL, "nothing is mapped at {va:hex}; what precedes it is done"),
  KEEPS_BRK(KERNEL, "the heap cannot end there, it still ends at {brk:hex}"),
  UNKNOWN_ADVICE(KERNEL, "advice {advice:advice} is not known"),
  NOT_ANONYMOUS(KERNEL, "{start:hex}-{end:hex} is not private anonymous memory"),
  CANNOT_COLLAPSE(
      KERNEL, "not all of {start:hex}-{end:hex} is anonymous memory that a superpage can map"),
  NO_ROOM_TO_COLLAPSE(KERNEL, "no 512 free frames follow each other, of {free}"),
  CANNOT_POPULATE(KERNEL, "not every page of {start:hex}-{end:hex} can be brought in"),
  POPULATES_PART(KERNEL, "one call brings in at most {pages|page|pages}: the rest is left"),
  UNKNOWN_REMAP(
      KERNEL, "flags {flags:hex}: FIXED and DONTUNMAP need MAYMOVE, DONTUNMAP keeps the length"),
  REMAP_OVERLAPS(KERNEL, "the new place {target:hex} overlaps the old one {address:hex}"),
  ONLY_SHARED_DOUBLES(KERNEL, "an old length of 0 doubles shared mappings only"),
  REMAP_PAST_VMA(KERNEL, "the old range reaches past the VMA {start:hex}-{end:hex}"),
  MAY_NOT_MOVE(
      KERNEL, "there is no room for {length:hex} bytes at {address:hex}, and MAYMOVE is not given"),
  UNKNOWN_SYNC(KERNEL, "flags {flags:hex} are not ASYNC or SYNC, perhaps with INVALIDATE"),
  IS_LOCKED(KERNEL, "{start:hex}-{end:hex} is locked in memory"),
  NEGATIVE(KERNEL, "{value} is negative"),
  TOO_LARGE_A_FILE(KERNEL, "a file has at most {most} bytes"),
  NOT_READABLE(KERNEL, "descriptor {fd} is not open for reading"),
  NOT_WRITABLE(KERNEL, "descriptor {fd} is not open for writing"),
  UNKNOWN_PROT(KERNEL, "protection bits {bits:hex} mean nothing"),
  NEVER_WRITABLE(
      KERNEL,
      "{start:hex}-{end:hex} is shared memory of a file that was not opened for writing: it cannot"
          + " become writable"),
  STRING_TOO_LONG(KERNEL, "a string has more than {most} bytes"),
  BAD_USER_ADDRESS(KERNEL, "the kernel cannot reach {va:hex} of the process"),
  TOO_MANY_LINKS(KERNEL, "{path:text} leads through too many symbolic links"),
  NOT_A_LINK(KERNEL, "{path:text} is no symbolic link"),
  NOT_A_FILE(KERNEL, "{path:text} is no regular file"),
  NOT_EMPTY(KERNEL, "{path:text} is not empty"),
  INTO_ITSELF(KERNEL, "{path:text} lies in the directory that is to move there"),
  NOT_PERMITTED(KERNEL, "{path:text} has mode {mode:octal}, which forbids that to user {user}"),
  MAY_NOT_SIGNAL(KERNEL, "process {pid} is another user's"),
  NOT_OWNER(KERNEL, "{path:text} is of user {owner}, and user {user} may not change that"),
  NOT_EXECUTABLE(KERNEL, "{path:text} may not be executed"),
  NO_PROGRAM(KERNEL, "{path:text} is no program that this kernel loads: {reason:text}"),
  ARGUMENTS_TOO_LONG(KERNEL, "arguments and environment have more than {most} bytes"),
  NO_SEEKING(KERNEL, "descriptor {fd} has no position"),
  NOT_MAPPABLE(KERNEL, "descriptor {fd} stands for nothing that can be mapped"),
  NO_TERMINAL(KERNEL, "descriptor {fd} is no terminal"),
  NO_ATTRIBUTES(KERNEL, "file {inode} lies in a file system that keeps no extended attributes"),
  NO_SOCKETS(KERNEL, "there is no network, and family {family} of sockets is not modelled"),
  SOCKET_NAME_TAKEN(KERNEL, "the name {path:text} is taken"),
  NO_SUCH_SOCKET(KERNEL, "no socket of this kind has the name {path:text} and answers"),
  NO_SOCKET(KERNEL, "descriptor {fd} is no socket"),
  NOT_REGISTERED(KERNEL, "{name:text} {value} is for those who have registered for it"),
  NO_READER(KERNEL, "nobody has the FIFO {path:text} open to read"),
  NOT_POLLABLE(KERNEL, "descriptor {fd} is always ready: there is nothing to wait for"),
  IN_EPOLL(KERNEL, "epoll {epoll} has descriptor {fd} already"),
  NOT_IN_EPOLL(KERNEL, "epoll {epoll} has no descriptor {fd}"),
  EPOLL_TOO_DEEP(KERNEL, "epoll {epoll} in epoll {fd} would be a circle, or too deep"),
  BAD_ARGUMENT(KERNEL, "{name:text} can do nothing with {value:hex}"),
  NO_IPC(KERNEL, "{name:text} finds nothing by the number {value:hex}"),
  IS_IPC(KERNEL, "{name:text} finds the key {value:hex} taken"),
  NOT_ATTACHED(KERNEL, "no shared memory is attached at {va:hex}"),
  INPUT_FULL(KERNEL, "the program has not read what it was given before"),
  CLONE_NOT_MODELLED(KERNEL, "clone flags {flags:hex} ask for what is not modelled"),
  NOT_MODELLED(KERNEL, "{what:text} {value} is not modelled"),
  FUTEX_DIFFERS(KERNEL, "the futex holds {found}, not {expected}: nothing to wait for"),
  NOT_ROOT(KERNEL, "only who acts as root may become {id}"),
  TIME_IS_OVER(KERNEL, "it has not come in time"),
  NOT_IN_SESSION(KERNEL, "P{pid} leads a group or session, or is of another session"),
  HAS_EXECED(KERNEL, "P{pid} has a program of its own since it was forked"),
  NO_CHILD(KERNEL, "P{pid} has no such child"),
  WOULD_BLOCK(KERNEL, "descriptor {fd} has nothing now and is not to wait"),
  LOCKED(KERNEL, "another has locked {path:text}"),
  LOCKS_IN_A_CIRCLE(KERNEL, "who has locked {path:text} waits for a lock that this process holds"),
  TOO_MANY_LOCKS(KERNEL, "there is no room for another lock of {path:text}"),
  NO_PIPE(KERNEL, "descriptor {fd} is no pipe"),
  PIPE_TOO_FULL(KERNEL, "the pipe holds more than {bytes} bytes"),
  NO_CONTROLLING_TERMINAL(KERNEL, "{path:text} is the process's terminal, and it has none"),
  BROKEN_PIPE(KERNEL, "nobody reads what descriptor {fd} would write"),
  NO_ROOM(KERNEL, "the laboratory's limit {limit:text} is reached: {value}"),
  MEANINGLESS_FLAGS(KERNEL, "flags {flags:hex} mean nothing here"),
  OVER_RLIMIT(KERNEL, "RLIMIT_{name:text} is {limit|byte|bytes}; {pages|page|pages} would be more"),
  OVERCOMMITTED(
      KERNEL, "{pages|page|pages} more cannot be promised: {committed} are promised already"),
  GUARDS_STACK(
      KERNEL, "a stack that reached down to {start:hex} would come too near to {end:hex} below it"),
  MAY_NOT_LOCK(KERNEL, "RLIMIT_MEMLOCK is 0: nothing may be locked"),
  MUST_BE_SHARED(KERNEL, "{start:hex}-{end:hex} is not shared memory that may be written"),
  NO_FILE(KERNEL, "{start:hex}-{end:hex} maps no file"),
  VMA_IS_SEALED(KERNEL, "{start:hex}-{end:hex} is sealed: it stays as it is"),
  SEALED(KERNEL, "{path:text} is sealed: {seals:text}"),
  NO_SEALS(KERNEL, "{path:text} is no file in memory, which alone has seals"),
  MAPPED_WRITABLE(
      KERNEL, "{path:text} is mapped shared by somebody who may write, or may be given leave to"),
  NAME_OF_MEMORY(KERNEL, "the name of a file in memory has at most {most} bytes"),
  SOFT_OVER_HARD(KERNEL, "the soft limit is above the hard one"),
  NO_SUCH_RESOURCE(KERNEL, "resource {number} is not known"),
  NO_HUGE_PAGES(KERNEL, "there is no pool of huge pages"),
  CANNOT_GROW(KERNEL, "only private anonymous memory can grow downwards"),
  GROWS_BOTH_WAYS(KERNEL, "memory cannot grow both ways, and none grows upwards here"),
  NOT_DROPPABLE(KERNEL, "DROPPABLE goes with neither a file nor LOCKED, HUGETLB or GROWSDOWN"),
  NOT_DIRECT_ACCESS(KERNEL, "SYNC needs a file that lies in memory that outlives the power"),
  TOO_MANY_VECTORS(KERNEL, "there are more than {most} pieces of memory"),
  NO_SUCH_PROCESS(KERNEL, "there is no process {pid}"),
  NOTHING_COPIED(KERNEL, "not one byte could be copied"),
  NO_SYSTEM_CALL(KERNEL, "system call {number} is not modelled"),
  NO_FRAME_LEFT(KERNEL, "all {frames} frames are in use and none can be given back");

  private static final StepKind[] ALL = values();

  private final Actor actor;
  private final List<String> arguments = new ArrayList<>();
  private final Template template;
  private final @Nullable Template headline;

  StepKind(Actor actor, String template) {
    this.actor = actor;
    this.template = new Template(template, arguments);
    this.headline = null;
  }

  StepKind(Actor actor, String template, String headline) {
    this.actor = actor;
    this.template = new Template(template, arguments);
    this.headline = new Template(headline, arguments);
  }

  public Actor actor() {
    return actor;
  }

  public String template() {
    return template.source();
  }

  public @Nullable String headline() {
    return headline == null ? null : headline.source();
  }

  /** Names of the numbers that a step of this kind carries, in their order. */
  public List<String> arguments() {
    return List.copyOf(arguments);
  }

  /** True when the step names the rule that decided how the operation ended. */
  public boolean decides() {
    return compareTo(NO_VMA) >= 0 && this != SENDS && this != ENDS;
  }

  static StepKind at(int ordinal) {
    return ALL[ordinal];
  }
}
