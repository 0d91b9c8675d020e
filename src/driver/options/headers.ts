/**
 * Owns: CustomHeaders: headers of one's own for each request to the service.
 * Invariants: a header that the driver or HTTP itself needs cannot be replaced; no value appears in an error.
 */
import { bad, type Reader } from './reader.js';

const OWN = new Set([
  'authorization', 'proxy-authorization', 'host', 'content-length', 'content-type', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect', 'accept-encoding', 'if-match', 'proxy-connection',
]);

/** `Name: value`, several separated by line breaks (also written \n or \r\n). */
export function customHeaders(reader: Reader): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const line of (reader.text('CustomHeaders') ?? '').split(/\r?\n|\\r\\n|\\n/)) {
    if (line.trim() === '') continue;
    const [, name = '', value = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === '') throw bad('A line of CustomHeaders is not a header.', 'Write Name: value, several separated by \\n.');
    if (!/^[\x20-\x7e\t]*$/.test(value)) throw bad(`The header ${name} of CustomHeaders has characters that HTTP does not carry.`, 'Use ASCII.');
    const lower = name.toLowerCase();
    if (OWN.has(lower)) throw bad(`CustomHeaders must not set ${name}: the driver sets it.`);
    if (lower in headers) throw bad(`CustomHeaders sets ${name} twice.`);
    headers[lower] = value;
  }
  return headers;
}
