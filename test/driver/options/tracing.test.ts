import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/index.js';
import { resolveOptions, type PropertyBag } from '../../../src/driver/connection-options.js';
import { failureOf, json, serve } from '../../http/server.js';

const SECRETS = { OAuthClientSecret: 'canary+secret/1', CustomHeaders: 'X-Key: canary-header-2' };
const TOKEN = 'canary-access-token-3';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tracing-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A token endpoint and a Graph stub; statements take a moment, so that two overlap. */
async function services(): Promise<PropertyBag> {
  const server = await serve((request, response) => {
    if (request.url.startsWith('/token')) return json(response, { token_type: 'Bearer', expires_in: 3600, access_token: TOKEN });
    const rows = request.url.includes('/contacts') ? [{ id: 'c1', displayName: 'Carla' }] : [{ id: 'm1', subject: 'Lunch' }];
    return setTimeout(() => json(response, { value: rows }), 30);
  });
  return { AuthScheme: 'AzureServicePrincipal', AzureTenant: 'contoso.example', OAuthClientId: 'client', UserId: 'ann@contoso.example', OAuthAccessTokenURL: `${server.origin}/token`, GraphEndpoint: `${server.origin}/v1.0`, ...SECRETS };
}

const leaks = (text: string): string[] => ['canary', encodeURIComponent(SECRETS.OAuthClientSecret), Buffer.from(SECRETS.OAuthClientSecret).toString('base64')].filter((secret) => text.includes(secret));

describe('TraceFolder', () => {
  it('has a file of requests for each statement, and one of its sign-in, without secrets', async () => {
    const path = join(folder(), 'traces', 'new');
    await using connection = await connect({ ...(await services()), TraceFolder: path });
    await connection.query('SELECT id, displayName FROM Contacts');
    await Promise.all([connection.query('SELECT id, displayName FROM Contacts'), connection.query('SELECT id, subject FROM Messages')]);
    await connection.query('SELECT 1');
    const names = readdirSync(path).sort();
    expect(names.map((name) => name.replace(/^\d{8}T\d{6}-\d{3}Z-\d+-\d+-/, ''))).toEqual(['graph.log', 'oauth.log', 'graph.log', 'graph.log']);
    const texts = names.map((name) => readFileSync(join(path, name), 'utf8'));
    const [first = '', signIn = '', ...both] = texts;
    expect(first).toMatch(/HTTP > GET http.*\/contacts/);
    expect(first).toContain('"displayName":"Carla"');
    expect(first).not.toContain('/token');
    expect(signIn).toMatch(/AUTH > POST http.*\/token/);
    expect(signIn).toMatch(/AUTH token for application client, valid until/);
    expect(signIn).not.toContain('/contacts');
    // Side by side, each has its own.
    expect(both.map((text) => [text.includes('/contacts'), text.includes('/messages')]).sort()).toEqual([[false, true], [true, false]]);
    expect(texts.flatMap(leaks)).toEqual([]);
    expect(statSync(join(path, names[0]!)).mode & 0o777).toBe(0o600);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('follows a stream that is read elsewhere', async () => {
    const path = folder();
    await using connection = await connect({ ...(await services()), TraceFolder: path });
    const stream = connection.stream('SELECT subject FROM Messages');
    await new Promise((resolve) => setTimeout(resolve, 1));
    for await (const { subject } of stream) expect(subject).toBe('Lunch');
    expect(readdirSync(path).some((name) => name.endsWith('-graph.log') && readFileSync(join(path, name), 'utf8').includes('/messages'))).toBe(true);
  });
});

describe('Logfile', () => {
  const logged = async (properties: PropertyBag): Promise<string> => {
    const path = join(folder(), 'x.log');
    const connection = await connect({ ...(await services()), Logfile: path, ...properties });
    await connection.query('SELECT id, subject FROM Messages');
    await connection.close();
    return readFileSync(path, 'utf8');
  };

  it('at the highest level has bodies, headers and sign-in, but no secrets', async () => {
    const text = await logged({ Verbosity: 5 });
    for (const part of [/HTTP GET .*\/messages.* 200 \d+ bytes/, /HTTP > x-key: \*\*\*/, /HTTP > authorization: \*\*\*/, /"subject":"Lunch"/, /AUTH POST \S*\/token\S* 200/, /client_secret=\*\*\*/, /"access_token":"\*\*\*"/]) expect(text).toMatch(part);
    expect(leaks(text)).toEqual([]);
  });

  it('has more with each level', async () => {
    const sizes: number[] = [];
    for (const level of [1, 2, 3, 4, 5]) sizes.push((await logged({ Verbosity: level })).length);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(5);
    expect(await logged({})).toBe('');
  });

  it('LogModules narrows it', async () => {
    expect(await logged({ Verbosity: 5, LogModules: 'auth' })).toMatch(/^(?:\S+ AUTH .*\n)+$/);
    expect(await logged({ Verbosity: 5, LogModules: 'HTTP, WAIT' })).not.toContain(' AUTH ');
    await expect(connect({ OAuthAccessToken: 't', Logfile: 'x', LogModules: 'SQL' })).rejects.toMatchObject({ code: 'CONNECTION_STRING', hint: expect.stringContaining('HTTP, AUTH, WAIT') as string });
  });

  it('MaxLogFileSize and MaxLogFileCount turn it', async () => {
    const path = folder();
    const connection = await connect({ ...(await services()), Logfile: join(path, 'x.log'), Verbosity: 5, MaxLogFileSize: '1KB', MaxLogFileCount: 3 });
    for (let n = 0; n < 6; n += 1) await connection.query('SELECT id, subject FROM Messages');
    await connection.close();
    const names = readdirSync(path);
    expect(names).toHaveLength(3);
    expect(names).toContain('x.log');
    for (const name of names) expect(statSync(join(path, name)).size).toBeLessThanOrEqual(1024);
  });
});

describe('mistakes', () => {
  it.each<[PropertyBag, RegExp]>([
    [{ Logfile: '/no/such/folder/x.log' }, /Logfile .* cannot be written \(ENOENT\)/],
    [{ TraceFolder: '/dev/null/x' }, /TraceFolder .* cannot be written/],
    [{ Logfile: 'x.log', MaxLogFileSize: 'much' }, /MaxLogFileSize is not a size/],
    [{ Logfile: 'x.log', MaxLogFileCount: 'x' }, /MaxLogFileCount must be/],
    [{ Verbosity: 6 }, /Verbosity must be/],
  ])('%j', async (properties, message) => {
    const error = await failureOf(connect({ OAuthAccessToken: 'token', ...properties }));
    expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
    expect(error.message).toMatch(message);
  });

  it('limits without a file are told of', () => {
    expect(resolveOptions({ OAuthAccessToken: 'token', MaxLogFileSize: '1MB', LogModules: 'HTTP' }).warnings.map(({ message }) => message)).toEqual(['MaxLogFileSize does nothing with a connection without Logfile.', 'LogModules does nothing with a connection without Logfile.']);
    expect(resolveOptions({ OAuthAccessToken: 'token', Logfile: 'x', MaxLogFileSize: '512 kb', MaxLogFileCount: -1 }).tracing).toMatchObject({ maxBytes: 524_288, maxFiles: undefined });
  });
});
