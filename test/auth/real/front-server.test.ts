import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicHandshake, digestHandshake, ntlmHandshake } from '../../../src/auth/handshake/index.js';
import { negotiateHandshake } from '../../../src/auth/handshake/negotiate.js';
import { BoundClient } from '../../../src/http/bound-client.js';
import { createConnector } from '../../../src/http/connector.js';
import type { HandshakeFactory } from '../../../src/http/handshake.js';
import { readServerTrust } from '../../../src/http/server-trust.js';
import { describeReal } from '../../support/counterpart.js';
import { DOMAIN, NEEDS, PASSWORD, REALM, SERVICE_HOST, startFrontServer, startKdc, USER, type FrontServer, type Kdc } from './directory.js';

describeReal('a front server as Exchange has it', NEEDS, () => {
  let kdc: Kdc;
  let front: FrontServer;
  beforeAll(async () => {
    kdc = await startKdc();
    front = await startFrontServer(kdc);
  }, 60_000);
  afterAll(async () => {
    await front?.stop();
    await kdc?.stop();
  });

  const client = (factory: HandshakeFactory, secure = false): BoundClient =>
    new BoundClient(secure ? front.secureOrigin : front.origin, factory, createConnector({ trust: secure ? readServerTrust(front.certificate) : { kind: 'authorities' }, timeoutMs: 5000 }), 1e6);
  const post = async (one: BoundClient, path: string, body: string): Promise<string> => {
    const answer = await one.request({ path: `/${path}/EWS/Exchange.asmx`, method: 'POST', headers: { 'content-type': 'text/xml' }, body, signal: new AbortController().signal });
    return answer.statusCode === 200 ? answer.body.toString('utf8') : String(answer.statusCode);
  };
  const good = { user: USER, password: PASSWORD, domain: DOMAIN };
  const bad = { ...good, password: 'wrong' };
  const kerberos = (): Parameters<typeof negotiateHandshake>[1] => ({ kdc: `127.0.0.1:${String(kdc.port)}`, realm: REALM, spn: `HTTP/${SERVICE_HOST}` });
  const schemes: readonly (readonly [name: string, path: string, right: () => HandshakeFactory, wrong: () => HandshakeFactory])[] = [
    ['Basic', 'basic', () => basicHandshake(good), () => basicHandshake(bad)],
    ['Digest', 'digest', () => digestHandshake({ ...good, domain: undefined }), () => digestHandshake({ ...bad, domain: undefined })],
    ['NTLM', 'ntlm', () => ntlmHandshake(good), () => ntlmHandshake(bad)],
    ['NTLM, offered as Negotiate', 'nego', () => ntlmHandshake(good, { scheme: 'Negotiate' }), () => ntlmHandshake(bad, { scheme: 'Negotiate' })],
    ['Kerberos by ticket cache', 'krb', () => negotiateHandshake(undefined, { ...kerberos(), ticketCache: `FILE:${kdc.ticketCache}` }), () => negotiateHandshake(undefined, { ...kerberos(), ticketCache: 'FILE:/nonexistent' })],
    ['Kerberos by keytab', 'krb', () => negotiateHandshake({ user: USER, password: '' }, { ...kerberos(), keytab: kdc.userKeytab }), () => negotiateHandshake({ user: 'bob', password: '' }, { ...kerberos(), keytab: kdc.userKeytab })],
    ['Kerberos by password', 'nego', () => negotiateHandshake(good, kerberos()), () => negotiateHandshake(bad, kerberos())],
  ];

  describe.each(schemes)('%s', (_name, path, right, wrong) => {
    test.each([false, true])('signs in, over many requests and sockets (TLS %s)', async (secure) => {
      const one = client(right(), secure);
      const before = front.seen.length;
      // The server ends each connection after five requests, so handshakes repeat.
      for (let n = 0; n < 8; n += 1) expect(await post(one, path, `${path} ${String(n)}`)).toBe(`echo:${path} ${String(n)}`);
      expect(await Promise.all([1, 2, 3].map((n) => post(one, path, `side ${String(n)}`)))).toEqual(['echo:side 1', 'echo:side 2', 'echo:side 3']);
      expect(front.seen.slice(before).map(({ body }) => body)).toHaveLength(11);
      expect(front.seen.slice(before).every(({ user }) => user.toLowerCase().includes(USER))).toBe(true);
      await one.close(new Error('done'));
    });

    test('refuses who is not known', async () => {
      const one = client(wrong());
      const before = front.seen.length;
      const outcome = await post(one, path, 'secret body').catch((error: unknown) => error);
      if (typeof outcome === 'string') expect(outcome).toBe('401');
      else expect(outcome).toMatchObject({ code: 'AUTHENTICATION' });
      expect(front.seen).toHaveLength(before);
      await one.close(new Error('done'));
    });
  });
});
