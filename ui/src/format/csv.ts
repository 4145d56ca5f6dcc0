// A table as CSV (RFC 4180), safe to open in a spreadsheet.

export type CsvCell = string | number | null;

export function csvText(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [header, ...rows]
    .map((row) => row.map(cellText).join(","))
    .join("\r\n")
    .concat("\r\n");
}

// A cell that a spreadsheet would run as a formula gets an apostrophe: names here come from strangers.
function cellText(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const inert = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
