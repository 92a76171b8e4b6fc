package dev.faultline.web;

import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.TableShape;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/** Answers the reading calls that laboratories and recordings share. */
final class HistoryJson {
  private static final int DEFAULT_CHANGES = 1_000;
  private static final int MOST_CHANGES = 100_000;

  private HistoryJson() {}

  static TableShape table(History history, String label) {
    return history
        .schema()
        .table(label)
        .orElseThrow(() -> new NotFoundException(Rule.UNKNOWN_TABLE, "there is no table " + label));
  }

  /** The rows of a table at a moment; every parameter but {@code at} is a filter. */
  static Map<String, Object> rows(
      History history, String label, @Nullable String at, Map<String, String> parameters) {
    TableShape table = table(history, label);
    List<RowFilter> filters = new ArrayList<>();
    parameters.forEach((name, value) -> {
      if (!name.equals("at")) {
        filters.add(RowFilter.of(table, name, value));
      }
    });
    FoldedState state = history.stateAt(moment(history, "at", at));
    Rows rows = state.rows(table);
    List<Map<String, Object>> matching = new ArrayList<>();
    for (long key : rows.sortedKeys()) {
      Map<String, Object> row = RecordJson.row(table, rows, key, state.strings());
      if (filters.stream().allMatch(filter -> filter.matches(row))) {
        matching.add(row);
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("table", table.label());
    json.put("at", state.sequence());
    json.put("rows", matching);
    return json;
  }

  /** The moment that a parameter names, the last one when it is missing. */
  static long moment(History history, String parameter, @Nullable String at) {
    if (at == null) {
      return history.head();
    }
    long moment = Numbers.parameter(parameter, at);
    if (moment < 0 || moment > history.head()) {
      throw BadRequestException.sequenceAhead(
          parameter, "the log has come to " + history.head() + ", not to " + at);
    }
    return moment;
  }

  /** Changes after a moment, with a link to those that follow. */
  static ResponseEntity<Changes> changes(
      History history, String after, @Nullable String limit, HttpServletRequest request) {
    long from = moment(history, "after", after);
    int most = limit(limit);
    long head = history.head();
    var answer = ResponseEntity.ok();
    if (from + most < head) {
      answer.header(HttpHeaders.LINK, Slice.next(request, "after", Long.toString(from + most)));
    }
    return answer.body(new Changes(history.after(from), from, head, most));
  }

  static NdJson lines(History history, String after, @Nullable String limit) {
    return new NdJson(history.after(moment(history, "after", after)), limit(limit));
  }

  private static int limit(@Nullable String limit) {
    if (limit == null) {
      return DEFAULT_CHANGES;
    }
    long most = Numbers.parameter("limit", limit);
    if (most < 1 || most > MOST_CHANGES) {
      throw BadRequestException.parameter("limit", "limit must lie between 1 and " + MOST_CHANGES);
    }
    return (int) most;
  }
}
