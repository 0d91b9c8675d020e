/** Upload sessions of a service that misbehaves: where bytes go, and when an upload is done. */
import { describe, expect, it } from 'vitest';
import { runJobs } from '../../src/graph/write-run.js';
import type { WriteJob } from '../../src/graph/write-step.js';
import type { RowOutcome } from '../../src/scan/write.js';
import { json, serve } from '../http/server.js';
import type { Seen, TestServer } from '../http/server.js';
import { client, statistics } from './client-fixture.js';

const PIECE = 4;
const CONTENT = Buffer.from('0123456789');

const job: WriteJob = {
  rows: [0],
  steps: [{
    method: 'POST', url: '/me/messages/m/attachments/createUploadSession', headers: {}, body: { json: {} }, mailbox: undefined, kind: 'alone',
    repeat: { find: { url: '/me/messages/m/attachments', by: 'likeness', equal: { name: 'a' }, created: 'lastModifiedDateTime' } },
    upload: { content: { size: CONTENT.length, read: (start, end) => Promise.resolve(CONTENT.subarray(start, end)) }, pieceBytes: PIECE },
  }],
  permission: undefined,
  mails: [],
  outcome: ([answer]) => [{ row: 0, key: { id: ((answer?.body ?? {}) as { id?: string }).id ?? null }, values: [] }],
};

async function upload(origin: string): Promise<RowOutcome> {
  const outcomes: RowOutcome[] = [];
  const context = { signal: new AbortController().signal, statistics: statistics(), now: new Date(), warn: () => undefined, onRowError: 'stop' as const };
  for await (const outcome of runJobs(client(origin), [job], context, { kind: 'insert', retry: { resetBaseMs: 2, throttleBaseMs: 2 } })) outcomes.push(outcome);
  expect(outcomes).toHaveLength(1);
  return outcomes[0]!;
}

/** A service that opens sessions at the address it is told to, and answers pieces as told. */
async function service(address: (own: TestServer) => string, put: (request: Seen) => { readonly status: number; readonly body?: object; readonly location?: string }): Promise<TestServer> {
  const own = await serve((request, response) => {
    if (request.method === 'POST') return json(response, { uploadUrl: address(own) }, 201);
    if (request.method === 'GET') return json(response, { value: [] });
    const { status, body, location } = put(request);
    response.writeHead(status, { 'content-type': 'application/json', ...(location === undefined ? {} : { location }) });
    return response.end(body === undefined ? '' : JSON.stringify(body));
  });
  return own;
}

const ranges = (own: TestServer): readonly string[] => own.seen.filter(({ method }) => method === 'PUT').map(({ headers }) => String(headers['content-range']));
const OWN = (own: TestServer): string => `${own.origin}/up?authtoken=x`;

describe('an upload', () => {
  it('never goes to another origin, and neither does the token; nothing is tried again', async () => {
    const other = await serve((_, response) => json(response, { id: 'stolen' }, 201));
    for (const address of [
      `${other.origin}/up`,
      `http://localhost:${String(other.port)}/up`,
      `http://contoso.example@127.0.0.1:${String(other.port)}/up`,
    ]) {
      const own = await service(() => address, () => ({ status: 201 }));
      expect(await upload(own.origin), address).toMatchObject({ status: 'failed', error: { code: 'BAD_RESPONSE', message: expect.stringContaining('nothing was sent there') as unknown } });
      expect(own.seen.map(({ method }) => method), address).toEqual(['POST']);
    }
    expect(other.seen).toEqual([]);
  });

  it('goes on where the service says that it wants to, also after the last piece', async () => {
    let received = 0;
    const own = await service(OWN, ({ headers }) => {
      const [, first = '0', last = '0'] = /bytes (\d+)-(\d+)/.exec(String(headers['content-range'])) ?? [];
      // It keeps half of each piece only.
      received = Number(first) + Math.ceil((Number(last) + 1 - Number(first)) / 2);
      return received < CONTENT.length ? { status: 202, body: { nextExpectedRanges: [`${String(received)}-`] } } : { status: 201, location: `${own.origin}/x/Attachments('AA%3D')` };
    });
    expect(await upload(own.origin)).toMatchObject({ status: 'done', key: { id: 'AA=' } });
    expect(ranges(own)).toEqual(['bytes 0-3/10', 'bytes 2-5/10', 'bytes 4-7/10', 'bytes 6-9/10', 'bytes 8-9/10', 'bytes 9-9/10']);
  });

  it('is not done while the service asks for more, and an address that is no text costs the id only', async () => {
    const greedy = await service(OWN, () => ({ status: 202, body: { nextExpectedRanges: ['0-'] } }));
    expect((await upload(greedy.origin)).status).not.toBe('done');
    const odd = await service(OWN, ({ headers }) => (String(headers['content-range']).startsWith('bytes 8-') ? { status: 201, location: `${odd.origin}/x/Attachments('AA%ZZ')` } : { status: 200, body: {} }));
    expect(await upload(odd.origin)).toMatchObject({ status: 'done', key: { id: null } });
  });
});
