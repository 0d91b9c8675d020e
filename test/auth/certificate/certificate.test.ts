/**
 * An application signs in with a certificate: every OAuthJWTCertType, made by the programs that make such files, through msal, at a provider
 * that verifies the assertion with the certificate's public key.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createCredential } from '../../../src/auth/create-credential.js';
import { CERTIFICATE_TYPES } from '../../../src/auth/certificate/types.js';
import { resolveOptions, type PropertyBag } from '../../../src/driver/connection-options.js';
import { HttpTransport } from '../../../src/http/transport.js';
import { failureOf } from '../../http/server.js';
import { describeReal, run, temporaryFolder } from '../../support/counterpart.js';
import { CERTIFICATE_CLIENT, publicJwk, startEntra, type Entra, type TokenRequest } from '../real/entra.js';

const GRAPH = 'https://graph.microsoft.com';
const WORD = 'canary-Pass7';

describeReal('certificates', { commands: ['openssl', 'puttygen', 'keytool'], packages: ['openssl', 'putty-tools', 'default-jre-headless'] }, () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  const base64 = (name: string): string => readFileSync(at(name)).toString('base64');
  let entra: Entra;
  let thumbprint: string;

  beforeAll(async () => {
    const openssl = (...args: string[]): string => run('openssl', args, { cwd: folder.path });
    for (const name of ['own', 'other']) openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', '2', '-subj', `/CN=exchange-sql ${name}`);
    openssl('rsa', '-in', 'own.key', '-traditional', '-out', 'pkcs1.key');
    openssl('pkcs8', '-topk8', '-in', 'own.key', '-v2', 'aes-256-cbc', '-passout', `pass:${WORD}`, '-out', 'encrypted8.key');
    openssl('rsa', '-in', 'own.key', '-traditional', '-aes128', '-passout', `pass:${WORD}`, '-out', 'encrypted1.key');
    for (const name of ['own', 'pkcs1', 'encrypted8', 'encrypted1']) writeFileSync(at(`${name}.pem`), text('own.crt') + text(`${name}.key`));
    const pfx = (out: string, password: string, ...more: string[]): string => openssl('pkcs12', '-export', '-inkey', 'own.key', '-in', 'own.crt', '-name', 'own', '-passout', `pass:${password}`, '-out', out, ...more);
    pfx('own.pfx', WORD);
    pfx('legacy.pfx', WORD, '-legacy');
    pfx('open.pfx', '');
    openssl('pkcs12', '-export', '-inkey', 'other.key', '-in', 'other.crt', '-name', 'other', '-passout', `pass:${WORD}`, '-out', 'other.pfx');
    openssl('crl2pkcs7', '-nocrl', '-certfile', 'own.crt', '-out', 'own.p7b');
    // Two entries, so that OAuthJWTCertSubject has to choose.
    for (const type of ['JKS', 'PKCS12']) {
      for (const name of ['other', 'own']) run('keytool', ['-importkeystore', '-srckeystore', at(`${name}.pfx`), '-srcstoretype', 'PKCS12', '-srcstorepass', WORD, '-destkeystore', at(`${type}.jks`), '-deststoretype', type, '-deststorepass', WORD, '-noprompt']);
    }
    writeFileSync(at('word'), WORD);
    for (const version of ['2', '3']) {
      run('puttygen', [at('pkcs1.key'), '-O', 'private', '-o', at(`v${version}.ppk`), '--ppk-param', `version=${version}`, '--new-passphrase', '/dev/null']);
      run('puttygen', [at('pkcs1.key'), '-O', 'private', '-o', at(`locked${version}.ppk`), '--ppk-param', `version=${version}${version === '3' ? ',time=200,memory=1024' : ''}`, '--new-passphrase', at('word')]);
    }
    writeFileSync(at('own.xml'), rsaKeyValue(text('own.key')));
    thumbprint = new X509Certificate(text('own.crt')).fingerprint256.replaceAll(':', '');
    entra = await startEntra({ jwks: [publicJwk(text('own.crt'))] });
  }, 120_000);

  afterAll(async () => {
    await entra.close();
    folder.remove();
  });

  const properties = (given: PropertyBag): PropertyBag => ({ AuthScheme: 'AzureServicePrincipalCert', OAuthClientId: CERTIFICATE_CLIENT, UserId: 'ann@contoso.example', ...entra.properties, ...given });

  async function signIn(given: PropertyBag): Promise<TokenRequest> {
    const transport = new HttpTransport();
    onTestFinished(() => transport.close());
    await createCredential(resolveOptions(properties(given)).credential, GRAPH, transport).authorization(undefined);
    return entra.requests.at(-1)!;
  }

  const refusal = (given: PropertyBag): Promise<Error & Record<string, unknown>> => failureOf(Promise.resolve().then(() => signIn(given)));

  const beside = (): PropertyBag => ({ OAuthJWTCertPublic: at('own.crt') });
  /** Of each type that holds a private key: properties that have to work. */
  const GOOD: Readonly<Record<string, () => readonly PropertyBag[]>> = {
    PFXFILE: () => [{ OAuthJWTCert: at('own.pfx'), OAuthJWTCertPassword: WORD }, { OAuthJWTCert: at('legacy.pfx'), OAuthJWTCertPassword: WORD }, { OAuthJWTCert: at('open.pfx') }],
    PFXBLOB: () => [{ OAuthJWTCert: base64('own.pfx'), OAuthJWTCertPassword: WORD }],
    JKSFILE: () => [{ OAuthJWTCert: at('JKS.jks'), OAuthJWTCertPassword: WORD, OAuthJWTCertSubject: 'exchange-sql own' }, { OAuthJWTCert: at('PKCS12.jks'), OAuthJWTCertPassword: WORD, OAuthJWTCertSubject: 'exchange-sql own' }],
    JKSBLOB: () => [{ OAuthJWTCert: base64('JKS.jks'), OAuthJWTCertPassword: WORD, OAuthJWTCertSubject: 'CN=exchange-sql own' }],
    PEMKEY_FILE: () => [{ OAuthJWTCert: at('own.pem') }, { OAuthJWTCert: at('pkcs1.pem') }, { OAuthJWTCert: at('encrypted8.pem'), OAuthJWTCertPassword: WORD }, { OAuthJWTCert: at('encrypted1.pem'), OAuthJWTCertPassword: WORD }, { OAuthJWTCert: at('own.key'), ...beside() }],
    PEMKEY_BLOB: () => [{ OAuthJWTCert: text('own.pem') }, { OAuthJWTCert: base64('own.pem') }, { OAuthJWTCert: text('own.pem').replaceAll('\n', '\\n') }],
    PPKFILE: () => [{ OAuthJWTCert: at('v2.ppk'), ...beside() }, { OAuthJWTCert: at('v3.ppk'), OAuthJWTCertThumbprint: thumbprint }, { OAuthJWTCert: at('locked2.ppk'), OAuthJWTCertPassword: WORD, ...beside() }, { OAuthJWTCert: at('locked3.ppk'), OAuthJWTCertPassword: WORD, ...beside() }],
    XMLFILE: () => [{ OAuthJWTCert: at('own.xml'), OAuthJWTCertPublic: text('own.crt') }],
    XMLBLOB: () => [{ OAuthJWTCert: text('own.xml'), OAuthJWTCertThumbprint: thumbprint.toLowerCase() }, { OAuthJWTCert: base64('own.xml'), ...beside() }],
  };

  it.each(Object.keys(GOOD))('%s signs in: PS256, x5t#S256 and, where there is a certificate, x5c', async (type) => {
    for (const given of GOOD[type]!()) {
      const { assertion, status } = await signIn({ OAuthJWTCertType: type, ...given });
      expect(status).toBe(200);
      expect(assertion?.header).toMatchObject({ alg: 'PS256', 'x5t#S256': Buffer.from(thumbprint, 'hex').toString('base64url') });
      expect(assertion?.claims).toMatchObject({ iss: CERTIFICATE_CLIENT, sub: CERTIFICATE_CLIENT, aud: entra.tokenUrl });
      const x5c = assertion?.header['x5c'] as readonly string[] | string | undefined;
      if (given['OAuthJWTCertThumbprint'] !== undefined) expect(x5c).toBeUndefined();
      else expect(new X509Certificate(Buffer.from([x5c].flat()[0]!, 'base64')).fingerprint256.replaceAll(':', '')).toBe(thumbprint);
    }
  });

  it('AzureServicePrincipal takes a certificate, too', async () => {
    expect((await signIn({ AuthScheme: 'AzureServicePrincipal', OAuthJWTCert: at('own.pfx'), OAuthJWTCertPassword: WORD })).status).toBe(200);
    // Issuer and subject name the application, where its id is not given.
    expect((await signIn({ OAuthClientId: undefined, OAuthJWTIssuer: CERTIFICATE_CLIENT, OAuthJWTSubject: CERTIFICATE_CLIENT, OAuthJWTCert: at('own.pfx'), OAuthJWTCertPassword: WORD })).status).toBe(200);
  });

  const WITHOUT = CERTIFICATE_TYPES.filter((type) => GOOD[type] === undefined);
  it.each(WITHOUT)('%s is refused with the reason', async (type) => {
    const error = await refusal({ OAuthJWTCertType: type, OAuthJWTCert: type.endsWith('BLOB') ? text('own.crt') : at(type === 'P7BFILE' ? 'own.p7b' : 'own.crt') });
    expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
    expect(error.message).toContain(`OAuthJWTCertType=${type} ${type === 'USER' || type === 'MACHINE' ? 'names a certificate store of Windows' : 'holds'}`);
    expect(error['hint']).toMatch(/private key|PFX/);
  });

  it('covers every type', () => expect([...Object.keys(GOOD), ...WITHOUT].sort()).toEqual([...CERTIFICATE_TYPES].sort()));

  describe('says what is wrong with', () => {
    it.each<[string, () => PropertyBag, RegExp]>([
      ['a wrong password of a PFX', () => ({ OAuthJWTCert: at('own.pfx'), OAuthJWTCertPassword: 'canary-wrong' }), /OAuthJWTCertPassword does not open/],
      ['a missing password', () => ({ OAuthJWTCert: at('own.pfx') }), /protected by a password, and OAuthJWTCertPassword is not set/],
      ['a wrong password of a JKS', () => ({ OAuthJWTCertType: 'JKSFILE', OAuthJWTCert: at('JKS.jks'), OAuthJWTCertPassword: 'canary-wrong' }), /OAuthJWTCertPassword does not open/],
      ['a wrong password of a PEM', () => ({ OAuthJWTCertType: 'PEMKEY_FILE', OAuthJWTCert: at('encrypted8.pem'), OAuthJWTCertPassword: 'canary-wrong' }), /OAuthJWTCertPassword does not open/],
      ['a wrong password of a PPK', () => ({ OAuthJWTCertType: 'PPKFILE', OAuthJWTCert: at('locked2.ppk'), OAuthJWTCertPassword: 'canary-wrong', ...beside() }), /OAuthJWTCertPassword does not open/],
      ['a certificate without its key', () => ({ OAuthJWTCertType: 'PEMKEY_FILE', OAuthJWTCert: at('own.crt') }), /no private key/i],
      ['a key without its certificate', () => ({ OAuthJWTCertType: 'PPKFILE', OAuthJWTCert: at('v2.ppk') }), /no certificate/],
      ['a key beside another certificate', () => ({ OAuthJWTCertType: 'PPKFILE', OAuthJWTCert: at('v2.ppk'), OAuthJWTCertPublic: at('other.crt') }), /belongs to none of the certificates/],
      ['a subject that nobody has', () => ({ OAuthJWTCertType: 'JKSFILE', OAuthJWTCert: at('JKS.jks'), OAuthJWTCertPassword: WORD, OAuthJWTCertSubject: 'nobody' }), /No certificate in OAuthJWTCert has a subject that contains 'nobody'/],
      ['a missing file', () => ({ OAuthJWTCert: at('missing.pfx') }), /cannot be read \(ENOENT\)/],
      ['a blob that is none', () => ({ OAuthJWTCertType: 'PFXBLOB', OAuthJWTCert: 'C:\\x.pfx' }), /is not base64/],
      ['a file of another kind', () => ({ OAuthJWTCert: at('own.pem') }), /OAuthJWTCert/],
    ])('%s', async (_, given, message) => {
      const error = await refusal(given());
      expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
      expect(error.message).toMatch(message);
      expect(`${error.message}${String(error['hint'])}`).not.toMatch(/canary|MII/);
    });

    it('a certificate that is not registered', async () => {
      expect(await refusal({ OAuthJWTCert: at('other.pfx'), OAuthJWTCertPassword: WORD })).toMatchObject({ code: 'AUTHENTICATION', serviceCode: 'invalid_client' });
    });
  });
});

/** As .NET writes it: RSA.ToXmlString(true). */
function rsaKeyValue(pem: string): string {
  const key = createPrivateKey(pem).export({ format: 'jwk' });
  const member = (name: string, value: string | undefined): string => `<${name}>${Buffer.from(value ?? '', 'base64url').toString('base64')}</${name}>`;
  return `<RSAKeyValue>${member('Modulus', key.n)}${member('Exponent', key.e)}${member('P', key.p)}${member('Q', key.q)}${member('DP', key.dp)}${member('DQ', key.dq)}${member('InverseQ', key.qi)}${member('D', key.d)}</RSAKeyValue>`;
}
