/**
 * Owns: splitting an mbox file (mboxrd) into messages, as a stream.
 * Does not own: reading a message (mail.ts).
 * Invariants: a "From " line counts only at the start or after a blank line; one ">" of ">From " is undone.
 */
import { createReadStream } from 'node:fs';

export interface MboxMessage {
  readonly raw: Uint8Array;
  /** Date of the "From " line, if readable. */
  readonly envelopeDate: Date | undefined;
}

const NEWLINE = 0x0a;
const FROM = Buffer.from('From ');

export async function* splitMbox(path: string): AsyncGenerator<MboxMessage, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  let lines: Buffer[] | undefined;
  let envelope = '';
  let afterBlank = true;
  const finish = (): MboxMessage => {
    const last = lines!.length - 1;
    if (last >= 0 && isBlank(lines![last]!)) lines!.pop(); // the blank line before the next From_
    return { raw: Buffer.concat(lines!), envelopeDate: envelopeDate(envelope) };
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = data.indexOf(NEWLINE, start); end !== -1; end = data.indexOf(NEWLINE, start)) {
      const line = data.subarray(start, end + 1);
      start = end + 1;
      if (afterBlank && startsWithFrom(line, 0)) {
        if (lines !== undefined) yield finish();
        lines = [];
        envelope = line.toString('latin1');
        afterBlank = false;
        continue;
      }
      lines?.push(unquoted(line));
      afterBlank = isBlank(line);
    }
    rest = data.subarray(start);
  }
  if (rest.length > 0) lines?.push(unquoted(rest));
  if (lines !== undefined) yield finish();
}

const isBlank = (line: Buffer): boolean => line.length === 1 || (line.length === 2 && line[0] === 0x0d);

function startsWithFrom(line: Buffer, at: number): boolean {
  return line.length > at + FROM.length && line[at] === 0x46 && line.compare(FROM, 0, FROM.length, at, at + FROM.length) === 0;
}

function unquoted(line: Buffer): Buffer {
  if (line[0] !== 0x3e) return line;
  let marks = 1;
  while (line[marks] === 0x3e) marks += 1;
  return startsWithFrom(line, marks) ? line.subarray(1) : line;
}

/** `From sender Thu Jan  1 00:00:00 2026`: asctime, taken as UTC. */
function envelopeDate(line: string): Date | undefined {
  const text = /(\w{3} +\d{1,2} \d{2}:\d{2}(?::\d{2})?) (?:\w+ )?(\d{4})/.exec(line);
  if (text === null) return undefined;
  const time = Date.parse(`${text[1]!} ${text[2]!} UTC`);
  return Number.isNaN(time) ? undefined : new Date(time);
}
