/** Tables of text. */

/** Rows of cells in columns: the first begins at the left, numbers in several columns end at the right. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => {
        if (at === 0) return cell.padEnd(widths[at] ?? 0);
        return row.length === 2 ? cell : cell.padStart(widths[at] ?? 0);
      })
      .join("  ")
      .trimEnd(),
  );
}
