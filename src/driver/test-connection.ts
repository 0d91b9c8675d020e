/**
 * Owns: trying a connection step by step, so that what is wrong is named where it is wrong: properties, service, sign-in, one row.
 * Does not own: the messages of errors (auth/aadsts.ts, http/transport-error.ts, graph/errors.ts), printing (cli/).
 * Invariants: nothing is written; no token is shown; a step that fails is the last one.
 */
import { readClaims } from '../auth/token-claims.js';
import { explainNumber } from '../auth/aadsts.js';
import { createSignIn } from '../auth/create-credential.js';
import { ExchangeSqlError } from '../errors.js';
import { openConnection, type OpenedConnection } from './connect.js';
import { parseConnectionString, resolveOptions, type ConnectionOptions, type PropertyBag } from './connection-string.js';
import { isServer } from './options/on-premises.js';
import { testServer } from './server-test.js';

export interface TestStep {
  /** `properties`, `service`, `sign-in page`, `sign-in`, `mailbox`. */
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly detail: string;
  /** Of a failed step. */
  readonly error?: ExchangeSqlError;
}

export interface TestOptions {
  /** Table to read one row of. Default: Messages. */
  readonly table?: string;
  readonly signal?: AbortSignal;
}

interface Attempt {
  readonly options: ConnectionOptions;
  readonly opened: OpenedConnection;
  readonly table: string;
  readonly signal: AbortSignal | undefined;
}

/** What a step found, one or several; it throws where it fails. */
type Step = (attempt: Attempt) => Promise<string | readonly Omit<TestStep, 'name'>[]>;

/** The steps after the properties are read, in order. */
const STEPS: readonly (readonly [string, Step])[] = [['service', service], ['sign-in page', signInPage], ['sign-in', signIn], ['mailbox', mailbox]];

/** Kerberos and the proofs of applications tolerate five minutes. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const PATIENCE_MS = 30_000;

/**
 * Tries a connection. Ends after the step that fails.
 *
 * @example
 * for await (const { name, status, detail } of testConnection('AuthScheme=AzureServicePrincipal;…')) console.log(status, name, detail);
 */
export async function* testConnection(properties: string | PropertyBag, { table = 'Messages', signal }: TestOptions = {}): AsyncGenerator<TestStep, void, void> {
  let attempt: Attempt;
  try {
    const given = typeof properties === 'string' ? parseConnectionString(properties) : properties;
    if (isServer(given)) {
      yield* server(given);
      return;
    }
    const options = resolveOptions(given);
    attempt = { options, opened: openConnection(options, 'off'), table, signal };
  } catch (error) {
    yield failed('properties', error);
    return;
  }
  try {
    yield { name: 'properties', status: 'ok', detail: describe(attempt.options) };
    for (const { message } of attempt.options.warnings) yield { name: 'properties', status: 'warning', detail: message };
    for (const [name, step] of STEPS) {
      try {
        const found = await step(attempt);
        for (const one of typeof found === 'string' ? [{ status: 'ok' as const, detail: found }] : found) yield { name, ...one };
      } catch (error) {
        yield failed(name, error);
        return;
      }
    }
  } finally {
    await attempt.opened.connection.close();
  }
}

/** Schema=EWS has no tables yet: the server is asked for the inbox, in one go. */
async function* server(properties: PropertyBag): AsyncGenerator<TestStep, void, void> {
  try {
    const { url, by, name, total, unread, serverVersion, warnings } = await testServer(properties);
    yield { name: 'properties', status: 'ok', detail: `Schema=EWS, ${by}` };
    for (const { message } of warnings) yield { name: 'properties', status: 'warning', detail: message };
    yield { name: 'service', status: 'ok', detail: `${url} answers${serverVersion === undefined ? '' : ` (Exchange ${serverVersion})`}` };
    yield { name: 'sign-in', status: 'ok', detail: `signed in with ${by}` };
    yield { name: 'mailbox', status: 'ok', detail: `opened the folder ${name}${total === undefined ? '' : `, ${String(total)} items`}${unread === undefined ? '' : `, ${String(unread)} unread`}` };
  } catch (error) {
    const code = error instanceof ExchangeSqlError ? error.code : undefined;
    const name = code === 'CONNECTION_STRING' || code === 'NOT_SUPPORTED' ? 'properties' : code === 'AUTHENTICATION' ? 'sign-in' : code === 'MAILBOX' || code === 'PERMISSION' ? 'mailbox' : 'service';
    yield failed(name, error);
  }
}

function failed(name: string, error: unknown): TestStep {
  const known = error instanceof ExchangeSqlError ? error : new ExchangeSqlError('INTERNAL', 'The test itself failed.', { cause: error });
  return { name, status: 'failed', detail: known.message, error: known };
}

function describe({ schema, credential, userId, graphEndpoint }: ConnectionOptions): string {
  const how = {
    token: () => 'a given access token',
    provider: () => 'a token provider',
    managedIdentity: () => 'the managed identity of this machine',
    oauth: () => (credential.kind !== 'oauth' ? '' : { client: 'an application as itself', password: 'a user with a password', code: 'a user who signs in' }[credential.grant.kind]),
  }[credential.kind]();
  return `Schema=${schema}, ${how}, mailbox ${userId ?? 'of the signed-in user'}, ${graphEndpoint}`;
}

/** Name, way, TLS and HTTP, without a token. */
async function service({ options, opened, signal }: Attempt): Promise<readonly Omit<TestStep, 'name'>[]> {
  const answer = await opened.transport.request({ method: 'GET', url: `${options.graphEndpoint}/me`, headers: options.network.headers, timeoutMs: PATIENCE_MS, ...(signal === undefined ? {} : { signal }) });
  const type = answer.headers['content-type'] ?? '';
  if (answer.status === 407) throw new ExchangeSqlError('UNREACHABLE', 'The proxy asks for a sign-in (HTTP 407).', { hint: 'Give ProxyUser, ProxyPassword and ProxyAuthScheme.', status: 407 });
  if (!/json/i.test(type)) {
    throw new ExchangeSqlError('BAD_RESPONSE', `What answers at ${options.graphEndpoint} is not Microsoft Graph: it sends ${/html/i.test(type) ? 'a web page' : 'no JSON'} (HTTP ${String(answer.status)}).`, { hint: 'Check GraphEndpoint, and whether a proxy or firewall puts a page of its own in the way.', status: answer.status });
  }
  const found: Omit<TestStep, 'name'>[] = [{ status: 'ok', detail: `${new URL(options.graphEndpoint).origin} answers (HTTP ${String(answer.status)} without a token)` }];
  const theirs = Date.parse(answer.headers['date'] ?? '');
  const ahead = Number.isNaN(theirs) ? 0 : Date.now() - theirs;
  if (Math.abs(ahead) > CLOCK_TOLERANCE_MS) {
    found.push({ status: 'warning', detail: `the clock of this machine is ${String(Math.round(Math.abs(ahead) / 60_000))} minutes ${ahead > 0 ? 'ahead of' : 'behind'} the service's; set it (NTP), or sign-ins fail` });
  }
  return found;
}

/** Where a browser would open: Entra shows what is wrong with the application in a page that no program is told of. */
async function signInPage({ options: { credential: spec }, opened, signal }: Attempt): Promise<readonly Omit<TestStep, 'name'>[]> {
  if (spec.kind !== 'oauth' || spec.grant.kind !== 'code' || spec.grant.mode !== 'interactive') return [];
  const probe = createSignIn({ ...spec, store: { location: `memory://test-${String(process.hrtime.bigint())}`, passphrase: undefined } }, opened.transport);
  const { url } = await probe.begin(spec.grant.callbackUrl ?? 'http://localhost');
  const answer = await opened.transport.request({ method: 'GET', url, timeoutMs: PATIENCE_MS, ...(signal === undefined ? {} : { signal }) });
  const number = /AADSTS(\d+)/.exec(answer.body.toString('utf8'))?.[1];
  if (number === undefined) return [{ status: 'ok', detail: `${new URL(url).origin} shows the page` }];
  const known = explainNumber(number);
  throw new ExchangeSqlError('AUTHENTICATION', `The page to sign in at says: ${known?.message ?? 'the sign-in is refused'} (AADSTS${number}).`, { serviceCode: `AADSTS${number}`, hint: known?.hint ?? 'Open the address of EXEC GetOAuthAuthorizationURL in a browser to see the page.' });
}

async function signIn({ opened: { credential }, signal }: Attempt): Promise<string> {
  const value = await credential.authorization(signal);
  const { application, user, applicationOnly, expires } = readClaims(value.replace(/^Bearer /, ''));
  return [
    'there is an access token',
    ...(application === undefined ? [] : [`of application ${application}`]),
    ...(applicationOnly === true ? ['as itself'] : user.length === 0 ? [] : [`for ${user.at(-1)!}`]),
    ...(expires === undefined ? [] : [`valid until ${new Date(expires).toISOString()}`]),
  ].join(' ');
}

async function mailbox({ opened: { connection }, options: { userId }, table, signal }: Attempt): Promise<string> {
  const { rows } = await connection.query(`SELECT * FROM "${table.replaceAll('"', '""')}" LIMIT 1`, [], signal === undefined ? {} : { signal });
  return `${rows.length === 0 ? `${table} is empty` : `one row of ${table} was read`}${userId === undefined ? '' : ` in ${userId}`}`;
}
