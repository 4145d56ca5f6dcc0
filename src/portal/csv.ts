// One line of RFC 4180, in which no cell is a formula.

/** HOSTILE 167: a cell that begins like a formula gets an apostrophe, which spreadsheets take for text. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

function cell(text: string): string {
  const inert = /^[\s]*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
