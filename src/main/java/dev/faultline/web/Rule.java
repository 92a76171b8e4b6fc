package dev.faultline.web;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;

/**
 * The rules that a request can break. Each has a page at {@code /problems/{rule}}, which is its
 * problem type.
 */
enum Rule {
  UNKNOWN_LAB(
      HttpStatus.NOT_FOUND,
      "There is no such laboratory",
      "The address names a laboratory that was never opened or has ended. GET /api/v1/labs lists"
          + " those that are alive; POST /api/v1/labs opens one."),
  UNKNOWN_PROCESS(
      HttpStatus.NOT_FOUND,
      "There is no such process",
      "A command or an address names a process (pid) that the laboratory does not have, or that has"
          + " been killed. In an array, completed has the outcomes of the commands before it. GET"
          + " /api/v1/labs/{lab}/tables/process lists them; the command spawn makes one."),
  UNKNOWN_FILE(
      HttpStatus.NOT_FOUND,
      "There is no such file",
      "The laboratory's file system has no regular file at this path. GET /api/v1/labs/{lab}/files"
          + " lists them."),
  UNKNOWN_FRAME(
      HttpStatus.NOT_FOUND,
      "There is no such frame",
      "The laboratory's machine has fewer frames than that: they count from 0 on. GET"
          + " /api/v1/labs/{lab} says how many it has."),
  UNKNOWN_TABLE(
      HttpStatus.NOT_FOUND,
      "There is no such table",
      "The tables are process, vma, pte, frame, file, cached_page, descriptor, tlb, hart,"
          + " swap_slot and thread."),
  UNKNOWN_ADDRESS(
      HttpStatus.NOT_FOUND,
      "Nothing is served here",
      "The address is none of the laboratory's. /api shows all calls."),
  UNKNOWN_ROW(
      HttpStatus.NOT_FOUND,
      "There was no such row",
      "The table has never had a row with this key up to the moment that was asked about."),
  UNKNOWN_RECORDING(
      HttpStatus.NOT_FOUND,
      "There is no such recording",
      "The address names a recording that was never uploaded or has been deleted. GET"
          + " /api/v1/recordings lists them."),
  UNKNOWN_SCENARIO(
      HttpStatus.NOT_FOUND,
      "There is no such scenario",
      "The address names no scenario of this server. GET /api/v1/scenarios lists them."),
  BAD_RECORDING(
      HttpStatus.UNPROCESSABLE_CONTENT,
      "That is no recording that can be played",
      "An upload, or a file in the data directory, is no recording, is damaged, or was written in a"
          + " newer format; the detail says what is wrong. docs/recording.md describes the"
          + " format."),
  CANNOT_BRANCH(
      HttpStatus.CONFLICT,
      "The recording can be played but not gone on from",
      "A branch repeats the commands of a recording, and only the version of Faultline that made it"
          + " is sure to come to the same state. GET /api/v1/recordings/{recording} has"
          + " canBranch."),
  NO_BOUNDARY(
      HttpStatus.BAD_REQUEST,
      "That moment lies within a command",
      "A machine stands only where a command ends: lastSeq of its answer. The detail names the ends"
          + " before and after."),
  STORAGE(
      HttpStatus.INSUFFICIENT_STORAGE,
      "The data directory cannot take that",
      "What was asked for could not be kept and was not done; the detail says why. The disk may be"
          + " full."),
  BAD_COMMAND(
      HttpStatus.BAD_REQUEST,
      "A member of the request cannot be taken",
      "A command, or the description of a laboratory, lacks a member, has one that it does not"
          + " know, or has one whose value has the wrong type or lies out of range. The problem's"
          + " member says which; nothing was done. OpenAPI has every member: /api/v1/openapi."),
  BAD_PARAMETER(
      HttpStatus.BAD_REQUEST,
      "A parameter of the address cannot be taken",
      "A parameter in the query or the path has the wrong type or lies out of range. The problem's"
          + " member says which."),
  BAD_HEADER(
      HttpStatus.BAD_REQUEST,
      "A header of the request cannot be taken",
      "A header is missing or has a value that this address cannot do with. The problem's member"
          + " says which."),
  BAD_RANGE(
      HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
      "The bytes end before that range",
      "The header Range begins where there are no bytes. The header Content-Range of the answer"
          + " says how many there are."),
  BAD_ARCHIVE(
      HttpStatus.BAD_REQUEST,
      "The archive cannot be unpacked",
      "It is damaged, or of a kind that is not known: there are .tar, .tar.gz, .tar.xz and .deb."
          + " Nothing of it was put anywhere."),
  BAD_JSON(
      HttpStatus.BAD_REQUEST,
      "The body is not JSON",
      "The body of the request could not be read as JSON; the detail says where it stopped."),
  BAD_REQUEST(
      HttpStatus.BAD_REQUEST,
      "The request cannot be understood",
      "Something about the request is not as HTTP or this call wants it; the detail says what."),
  METHOD_NOT_ALLOWED(
      HttpStatus.METHOD_NOT_ALLOWED,
      "This method is not for this address",
      "The address exists, but not with this HTTP method; the header Allow lists those that it"
          + " has."),
  NOT_ACCEPTABLE(
      HttpStatus.NOT_ACCEPTABLE,
      "The answer has no such form",
      "The header Accept names no form in which this call can answer."),
  NO_TOKEN(
      HttpStatus.UNAUTHORIZED,
      "A token is wanted",
      "This server is reached by others too, so that a laboratory or a recording opens to those who"
          + " hold one of its tokens: POST /api/v1/labs answers token, which lets its holder act,"
          + " and viewToken, which lets them look. Send one as Authorization: Bearer, or open the"
          + " page as /labs/{lab}?token=."),
  VIEW_ONLY(
      HttpStatus.FORBIDDEN,
      "This token lets you look, not act",
      "What was sent is the viewToken. Acting needs the owner's token, which was answered when the"
          + " laboratory was opened or the recording uploaded."),
  TOO_FAST(
      HttpStatus.TOO_MANY_REQUESTS,
      "That was too often",
      "An address may ask, and a laboratory may be acted upon, only so often a second. The header"
          + " Retry-After says when to go on. faultline.rates.client and faultline.rates.lab set"
          + " how often; an array of commands is one request."),
  FOREIGN_ORIGIN(
      HttpStatus.FORBIDDEN,
      "A page of another site asked for this",
      "A request that acts and comes from a browser must come from a page of this server: its"
          + " header Origin names another one. Programs other than browsers send no such header."),
  FOREIGN_HOST(
      HttpStatus.MISDIRECTED_REQUEST,
      "This server does not answer to that name",
      "The server listens on the loopback interface only, so the header Host must name it as"
          + " localhost, 127.0.0.1 or [::1]. Another name would let a page of another site reach it"
          + " by DNS rebinding. The property faultline.hosts lists more names."),
  HEAD_MOVED(
      HttpStatus.PRECONDITION_FAILED,
      "The laboratory has gone on",
      "The header If-Match named a head that the laboratory's log no longer has: somebody else has"
          + " acted. Nothing was done. The problem's head is where the log stands; look at what"
          + " has changed since, and decide again."),
  BAD_KEY(
      HttpStatus.BAD_REQUEST,
      "That is no key",
      "The header Idempotency-Key has 1 to 255 characters, such as a random UUID."),
  KEY_REUSED(
      HttpStatus.UNPROCESSABLE_CONTENT,
      "The key belongs to another request",
      "The header Idempotency-Key names one request with its address and body. Another request"
          + " needs another key. Nothing was done."),
  KEY_IN_USE(
      HttpStatus.CONFLICT,
      "The first request with this key is not answered yet",
      "Come back when it is: the same request will then be given its answer."),
  LIMIT_LABS(
      HttpStatus.TOO_MANY_REQUESTS,
      "There are as many laboratories as there may be",
      "DELETE /api/v1/labs/{lab} ends one. GET /api/v1/limits shows every limit."),
  LIMIT_VIEWERS(
      HttpStatus.TOO_MANY_REQUESTS,
      "There are as many viewers as there may be",
      "Every stream of every laboratory counts. Close one, or come back later."),
  LIMIT_FRAMES(
      HttpStatus.BAD_REQUEST,
      "A laboratory cannot have that many frames",
      "Ask for fewer frames. GET /api/v1/limits shows every limit."),
  LIMIT_SWAP(
      HttpStatus.BAD_REQUEST,
      "A laboratory cannot have that many swap slots",
      "Ask for fewer; 0 switches swapping off. GET /api/v1/limits shows every limit."),
  LIMIT_PROCESSES(
      HttpStatus.CONFLICT,
      "The laboratory has as many processes as it may have",
      "GET /api/v1/limits shows every limit."),
  LIMIT_FILES(
      HttpStatus.CONFLICT,
      "The laboratory has as many files as it may have",
      "Delete files that are no longer needed. GET /api/v1/limits shows every limit."),
  LIMIT_STRINGS(
      HttpStatus.CONFLICT,
      "The laboratory has heard of as many paths and names as it may",
      "Every different path and name stays in the log. Open another laboratory; GET /api/v1/limits"
          + " shows every limit."),
  LIMIT_DATA(
      HttpStatus.INSUFFICIENT_STORAGE,
      "There is no room for more laboratories and recordings",
      "DELETE recordings or laboratories that are no longer needed. GET /api/v1/limits shows every"
          + " limit."),
  TOO_LARGE(
      HttpStatus.CONTENT_TOO_LARGE,
      "That is too large",
      "A body, a file, a read or a write has more bytes than the limit that the problem names. GET"
          + " /api/v1/limits shows every limit."),
  SEQUENCE_GONE(
      HttpStatus.GONE,
      "The log no longer reaches back so far",
      "A laboratory keeps a bounded number of records; older ones are folded away. The problem's"
          + " oldest is the earliest sequence number that can still be asked for."),
  SEQUENCE_AHEAD(
      HttpStatus.BAD_REQUEST,
      "The log has not come so far",
      "The sequence number lies after the laboratory's head."),
  INTERNAL(
      HttpStatus.INTERNAL_SERVER_ERROR,
      "Faultline made a mistake",
      "This is a defect of Faultline and not of the request. The server's log has the details.");

  private final HttpStatus status;
  private final String title;
  private final String explanation;

  Rule(HttpStatus status, String title, String explanation) {
    this.status = status;
    this.title = title;
    this.explanation = explanation;
  }

  HttpStatus status() {
    return status;
  }

  String title() {
    return title;
  }

  String explanation() {
    return explanation;
  }

  /** The last part of the problem type's address. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The problem type: the address of the page that explains it. */
  String type() {
    return "/problems/" + label();
  }

  /** What is at fault where nothing more exact is known. */
  String member() {
    return switch (this) {
      case UNKNOWN_LAB -> "lab";
      case UNKNOWN_PROCESS -> "pid";
      case UNKNOWN_FILE -> "path";
      case UNKNOWN_FRAME -> "ppn";
      case UNKNOWN_TABLE -> "table";
      case UNKNOWN_ROW -> "key";
      case UNKNOWN_RECORDING, CANNOT_BRANCH -> "recording";
      case UNKNOWN_SCENARIO -> "id";
      case METHOD_NOT_ALLOWED -> "(method)";
      case NOT_ACCEPTABLE -> "Accept";
      case NO_TOKEN, VIEW_ONLY -> "Authorization";
      case HEAD_MOVED -> "If-Match";
      case BAD_HEADER -> "(header)";
      case TOO_FAST -> "(client)";
      case BAD_RANGE -> "Range";
      case BAD_KEY, KEY_REUSED, KEY_IN_USE -> "Idempotency-Key";
      case FOREIGN_ORIGIN -> "Origin";
      case FOREIGN_HOST -> "Host";
      case LIMIT_FRAMES -> "frames";
      case LIMIT_SWAP -> "swap";
      case NO_BOUNDARY -> "from.seq";
      case SEQUENCE_GONE, SEQUENCE_AHEAD -> "after";
      case UNKNOWN_ADDRESS, BAD_PARAMETER -> "(address)";
      case BAD_JSON, BAD_RECORDING, BAD_ARCHIVE, BAD_COMMAND, TOO_LARGE -> "(body)";
      case BAD_REQUEST,
          STORAGE,
          LIMIT_LABS,
          LIMIT_VIEWERS,
          LIMIT_PROCESSES,
          LIMIT_FILES,
          LIMIT_STRINGS,
          LIMIT_DATA,
          INTERNAL ->
          "(request)";
    };
  }

  static Optional<Rule> labelled(String label) {
    return Stream.of(values()).filter(rule -> rule.label().equals(label)).findFirst();
  }
}
