/**
 * Owns: CSV (RFC 4180) with a header line: comma, semicolon or tab, found from the header.
 * Invariants: an empty cell is not given; an empty text is written `""`.
 */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type CastingContext, type Info, type Options } from 'csv-parse';
import { lineError, type FileRow } from './file-row.js';

type Cell = string | undefined;

export async function* readCsv(input: Readable, path: string): AsyncGenerator<FileRow, void, void> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<string>;
  const head: string[] = [];
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    head.push(value);
    if (value.includes('\n')) break;
  }
  const options: Options = {
    bom: true,
    delimiter: delimiterOf(head.join('')),
    skip_empty_lines: true,
    info: true,
    // Typed as giving texts only; undefined is a cell that is not given.
    cast: ((value: string, { quoting }: { quoting: boolean }): Cell => (value === '' && !quoting ? undefined : value)) as (value: string, context: CastingContext) => string,
  };
  // What goes wrong while the file is read has to reach whoever takes the rows.
  const parser = pipeline(Readable.from(joined(head, chunks)), parse(options), () => undefined);
  let header: readonly string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Cell[]; info: Info }>) {
      if (header === undefined) {
        header = record.map((name) => name?.trim() ?? '');
        const empty = header.indexOf('');
        if (empty >= 0) throw lineError(path, info.lines, `column ${String(empty + 1)} of the header has no name`, 'The first line has to name the columns.');
        const twice = header.find((name, index) => header!.findIndex((other) => other.toLowerCase() === name.toLowerCase()) !== index);
        if (twice !== undefined) throw lineError(path, info.lines, `the column ${twice} is named twice`);
        continue;
      }
      const names = header;
      yield { line: info.lines, values: Object.fromEntries(record.flatMap((value, index) => (value === undefined ? [] : [[names[index]!, value]]))) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw lineError(path, Number((error as { lines?: number }).lines ?? 0), problem(error), 'Texts that hold the delimiter, quotes or line ends stand in double quotes; a double quote in them is written twice.');
    throw error;
  }
}

function problem(error: CsvError): string {
  if (error.code.startsWith('CSV_RECORD_INCONSISTENT')) return 'it has another number of cells than the header';
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quoted text is not closed';
  return 'the quoting is not that of CSV';
}

/** Of comma, semicolon and tab the one that stands most often in the header, outside of quotes. */
function delimiterOf(head: string): string {
  const line = head.replace(/"(?:[^"]|"")*"/g, '').split(/\r?\n/)[0] ?? '';
  const count = (delimiter: string): number => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

async function* joined(head: readonly string[], rest: AsyncIterator<string>): AsyncGenerator<string, void, void> {
  yield* head;
  for (;;) {
    const { value, done } = await rest.next();
    if (done === true) return;
    yield value;
  }
}
