/**
 * Owns: the request and answer records that routes, $batch and the HTTP server pass around.
 * Does not own: sockets.
 * Invariants: an answer's body is JSON, bytes or nothing; header names are lower case in requests.
 */
import type { Json } from './writer.js';

export interface GraphRequest {
  readonly method: string;
  /** Path below the version root, still percent-encoded, with a leading slash. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as UTF-8 text; empty for an upload. */
  readonly body: string;
  /** The body as it came: uploads and MIME are not text. */
  readonly bytes: Uint8Array;
  /** `http://host:port/v1.0` as the client sees it. */
  readonly root: string;
}

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly json: Json } | { readonly bytes: Uint8Array } | undefined;
  /** Rows in a collection answer, for the request log. */
  readonly rows?: number;
}

export const json = (value: Json, rows?: number): GraphAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8' },
  body: { json: value },
  ...(rows === undefined ? {} : { rows }),
});

export const bytes = (value: Uint8Array, contentType: string): GraphAnswer => ({ status: 200, headers: { 'content-type': contentType }, body: { bytes: value } });

export const plainText = (value: string): GraphAnswer => bytes(Buffer.from(value, 'utf8'), 'text/plain');
