package dev.jctl.cli.output;

import java.util.ArrayList;
import java.util.List;

/** Columns padded to their widest cell, three blanks between, as kubectl prints them. */
public record Table(List<String> headers, List<List<String>> rows) {
  public Table {
    headers = List.copyOf(headers);
    rows = List.copyOf(rows);
  }

  /** {@code widths}: at least these, so that rows printed later stand below; may be shorter. */
  public List<Integer> widths(boolean withHeaders, List<Integer> atLeast) {
    List<Integer> widths = new ArrayList<>();
    for (int c = 0; c < headers.size(); c++) {
      int width = withHeaders ? headers.get(c).length() : 0;
      for (List<String> row : rows) {
        width = Math.max(width, row.get(c).length());
      }
      widths.add(Math.max(width, c < atLeast.size() ? atLeast.get(c) : 0));
    }
    return widths;
  }

  public List<String> lines(boolean withHeaders, List<Integer> widths) {
    List<String> lines = new ArrayList<>();
    if (withHeaders) {
      lines.add(line(headers, widths));
    }
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  public List<String> lines() {
    return lines(true, widths(true, List.of()));
  }

  private static String line(List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < cells.size(); c++) {
      line.append(cells.get(c));
      if (c < cells.size() - 1) {
        line.append(" ".repeat(widths.get(c) - cells.get(c).length() + 3));
      }
    }
    return line.toString().stripTrailing();
  }
}
