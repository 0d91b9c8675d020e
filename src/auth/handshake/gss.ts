/**
 * Owns: Kerberos through the system's GSSAPI (MIT krb5, 64-bit Linux), called by FFI: credentials from a password, a keytab or a
 * ticket cache, and the legs of a SPNEGO context with channel binding.
 * Does not own: krb5.conf (krb5-config.ts), HTTP (negotiate.ts). Why FFI: the `kerberos` package takes credentials from the process
 * environment only, so that two identities at once are one; and it has no password on Linux.
 * Invariants: every buffer given to C stays referenced until the call has returned; all blocking calls run on a worker thread; the only
 * file that talks to koffi.
 */
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { ExchangeSqlError } from '../../errors.js';

export type GssCredential =
  | { readonly kind: 'password'; readonly principal: string; readonly password: string }
  | { readonly kind: 'keytab'; readonly principal: string | undefined; readonly keytab: string }
  /** Path of a ticket cache; undefined for the user's own (kinit). */
  | { readonly kind: 'cache'; readonly principal: string | undefined; readonly cache: string | undefined };

export interface GssContext {
  /** The next token, or undefined when the context is complete and there is nothing to send. */
  step(token: Buffer | undefined): Promise<Buffer | undefined>;
  /** Frees what C holds. Safe to call twice. */
  end(): void;
}

const GSS_COMPLETE = 0;
const CONTINUE_NEEDED = 1;
const INITIATE = 1;
/** GSS_C_MUTUAL_FLAG: the server proves itself as well. */
const MUTUAL = 2;
const OIDS = {
  spnego: Buffer.from('2b0601050502', 'hex'),
  krb5: Buffer.from('2a864886f712010202', 'hex'),
  hostbased: Buffer.from('2a864886f71201020104', 'hex'),
  principal: Buffer.from('2a864886f71201020201', 'hex'),
} as const;

type Pointer = unknown;
type AsyncFunction = Koffi.KoffiFunc<(...args: unknown[]) => unknown>;

interface Library {
  readonly koffi: typeof Koffi;
  readonly importName: AsyncFunction;
  readonly acquireFrom: AsyncFunction;
  readonly acquireWithPassword: AsyncFunction;
  readonly initContext: AsyncFunction;
  readonly displayStatus: AsyncFunction;
  readonly releaseBuffer: AsyncFunction;
  readonly releaseName: AsyncFunction;
  readonly releaseCred: AsyncFunction;
  readonly deleteContext: AsyncFunction;
}

let loaded: Library | undefined;

/** @throws ExchangeSqlError NOT_SUPPORTED where there is no GSSAPI that can be called. */
function library(): Library {
  if (loaded !== undefined) return loaded;
  const missing = (what: string, hint: string, cause?: unknown): ExchangeSqlError => new ExchangeSqlError('NOT_SUPPORTED', `Kerberos cannot be used here: ${what}.`, { hint, ...(cause === undefined ? {} : { cause }) });
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) throw missing(`it is called on 64-bit Linux only (this is ${process.platform} ${process.arch})`, 'Use AuthScheme=NTLM, Basic or OAuth.');
  let koffi: typeof Koffi;
  try {
    const found = createRequire(import.meta.url)('koffi') as typeof Koffi & { default?: typeof Koffi };
    koffi = found.default ?? found;
  } catch (error) {
    throw missing('the optional package koffi is not installed', 'Install it: npm install koffi.', error);
  }
  let lib: Koffi.LibraryHandle;
  try {
    lib = koffi.load('libgssapi_krb5.so.2');
  } catch (error) {
    throw missing('the library libgssapi_krb5.so.2 is not installed', 'Debian: apt-get install libgssapi-krb5-2.', error);
  }
  koffi.struct('GssBuffer', { length: 'size_t', value: 'void *' });
  koffi.struct('GssOid', { length: 'uint32_t', elements: 'void *' });
  koffi.struct('GssOidSet', { count: 'size_t', elements: 'GssOid *' });
  koffi.struct('GssKeyValue', { key: 'const char *', value: 'const char *' });
  koffi.struct('GssStore', { count: 'uint32_t', elements: 'GssKeyValue *' });
  koffi.struct('GssBindings', { initiatorType: 'uint32_t', initiator: 'GssBuffer', acceptorType: 'uint32_t', acceptor: 'GssBuffer', application: 'GssBuffer' });
  loaded = {
    koffi,
    importName: lib.func('uint32_t gss_import_name(_Out_ uint32_t *minor, GssBuffer *name, GssOid *type, _Out_ void **result)'),
    acquireFrom: lib.func('uint32_t gss_acquire_cred_from(_Out_ uint32_t *minor, void *name, uint32_t time, GssOidSet *mechs, int usage, GssStore *store, _Out_ void **cred, void *actual, void *left)'),
    acquireWithPassword: lib.func('uint32_t gss_acquire_cred_with_password(_Out_ uint32_t *minor, void *name, GssBuffer *password, uint32_t time, GssOidSet *mechs, int usage, _Out_ void **cred, void *actual, void *left)'),
    initContext: lib.func('uint32_t gss_init_sec_context(_Out_ uint32_t *minor, void *cred, _Inout_ void **context, void *target, GssOid *mech, uint32_t flags, uint32_t time, GssBindings *bindings, GssBuffer *input, void *actual, _Out_ GssBuffer *output, void *granted, void *left)'),
    displayStatus: lib.func('uint32_t gss_display_status(_Out_ uint32_t *minor, uint32_t status, int type, GssOid *mech, _Inout_ uint32_t *more, _Out_ GssBuffer *text)'),
    releaseBuffer: lib.func('uint32_t gss_release_buffer(_Out_ uint32_t *minor, _Inout_ GssBuffer *buffer)'),
    releaseName: lib.func('uint32_t gss_release_name(_Out_ uint32_t *minor, _Inout_ void **name)'),
    releaseCred: lib.func('uint32_t gss_release_cred(_Out_ uint32_t *minor, _Inout_ void **cred)'),
    deleteContext: lib.func('uint32_t gss_delete_sec_context(_Out_ uint32_t *minor, _Inout_ void **context, void *token)'),
  };
  return loaded;
}

/** True if Kerberos can be called on this machine. */
export function hasGss(): boolean {
  try {
    library();
    return true;
  } catch {
    return false;
  }
}

interface Buffers {
  readonly length: number;
  readonly value: Buffer | null;
}

const buffer = (data: Buffer): Buffers => ({ length: data.length, value: data });
const oid = (elements: Buffer): { length: number; elements: Buffer } => ({ length: elements.length, elements });

/** Runs a blocking function on a worker thread of koffi. */
function call(fn: AsyncFunction, ...args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    fn.async(...args, (error: Error | null, status: unknown) => (error === null ? resolve(Number(status)) : reject(error)));
  });
}

/**
 * Starts a SPNEGO context.
 *
 * @param spn `HTTP@host` or `HTTP/host@REALM`.
 * @param bindings application data of the channel binding (`tls-server-end-point:…`).
 * @throws ExchangeSqlError AUTHENTICATION with the library's own words; NOT_SUPPORTED where there is no library.
 */
export async function startGss(credential: GssCredential, spn: string, bindings: Buffer | undefined): Promise<GssContext> {
  const lib = library();
  const held: (() => void)[] = [];
  const release = (fn: AsyncFunction, pointer: Pointer, ...rest: readonly unknown[]): void => {
    fn([0], [pointer], ...rest);
  };
  try {
    const cred = await acquire(lib, credential, held, release);
    const principal = /^[^/@]+\/[^@]+@.+$/.test(spn);
    const target = importName(lib, principal ? spn : spn.replace(/^([^/@]+)\//, '$1@'), principal ? OIDS.principal : OIDS.hostbased);
    held.push(() => release(lib.releaseName, target));
    return new Context(lib, cred, target, bindings, held);
  } catch (error) {
    for (const free of held.reverse()) free();
    throw error;
  }
}

function importName(lib: Library, text: string, type: Buffer): Pointer {
  const [minor, out]: [number[], Pointer[]] = [[0], [null]];
  check(lib, lib.importName(minor, buffer(Buffer.from(text, 'utf8')), oid(type), out) as number, minor[0]!, `read the name ${text}`);
  return out[0];
}

async function acquire(lib: Library, credential: GssCredential, held: (() => void)[], release: (fn: AsyncFunction, pointer: Pointer) => void): Promise<Pointer> {
  let name: Pointer = null;
  if (credential.principal !== undefined) {
    name = importName(lib, credential.principal, OIDS.principal);
    const named = name;
    held.push(() => release(lib.releaseName, named));
  }
  const [minor, out]: [number[], Pointer[]] = [[0], [null]];
  const mechs = (mech: Buffer): { count: number; elements: readonly object[] } => ({ count: 1, elements: [oid(mech)] });
  const taken = (): Pointer => {
    const cred = out[0];
    held.push(() => release(lib.releaseCred, cred));
    return cred;
  };
  if (credential.kind === 'password') {
    const password = buffer(Buffer.from(credential.password, 'utf8'));
    // SPNEGO hides why a password fails; the krb5 mechanism tells.
    const first = await call(lib.acquireWithPassword, minor, name, password, 0, mechs(OIDS.krb5), INITIATE, out, null, null);
    check(lib, first, minor[0]!, `sign in as ${credential.principal}`);
    taken();
    check(lib, await call(lib.acquireWithPassword, minor, name, password, 0, mechs(OIDS.spnego), INITIATE, out, null, null), minor[0]!, `sign in as ${credential.principal}`);
    return taken();
  }
  const store = credential.kind === 'keytab'
    ? [{ key: 'client_keytab', value: credential.keytab }, { key: 'ccache', value: `MEMORY:exchange-sql-${String(++caches)}` }]
    : credential.cache === undefined ? [] : [{ key: 'ccache', value: credential.cache }];
  const status = await call(lib.acquireFrom, minor, name, 0, mechs(OIDS.spnego), INITIATE, store.length === 0 ? null : { count: store.length, elements: store }, out, null, null);
  check(lib, status, minor[0]!, credential.kind === 'keytab' ? `sign in with the keytab ${credential.keytab}` : `use the ticket cache${credential.cache === undefined ? '' : ` ${credential.cache}`}`);
  return taken();
}

let caches = 0;

class Context implements GssContext {
  readonly #lib: Library;
  readonly #cred: Pointer;
  readonly #target: Pointer;
  readonly #bindings: object | null;
  readonly #held: (() => void)[];
  readonly #context: Pointer[] = [null];
  #complete = false;

  constructor(lib: Library, cred: Pointer, target: Pointer, bindings: Buffer | undefined, held: (() => void)[]) {
    this.#lib = lib;
    this.#cred = cred;
    this.#target = target;
    const none = { length: 0, value: null };
    this.#bindings = bindings === undefined ? null : { initiatorType: 0, initiator: none, acceptorType: 0, acceptor: none, application: buffer(bindings) };
    this.#held = held;
  }

  async step(token: Buffer | undefined): Promise<Buffer | undefined> {
    if (this.#complete && token === undefined) return undefined;
    const { koffi, initContext, releaseBuffer } = this.#lib;
    const minor = [0];
    const output: { length: number | bigint; value: Pointer }[] = [{ length: 0, value: null }];
    const status = await call(initContext, minor, this.#cred, this.#context, this.#target, oid(OIDS.spnego), MUTUAL, 0, this.#bindings, token === undefined ? null : buffer(token), null, output, null, null);
    const { length, value } = output[0]!;
    const bytes = Number(length) === 0 || value === null ? undefined : Buffer.from(koffi.decode(value, koffi.array('uint8_t', Number(length))) as Uint8Array);
    if (value !== null) releaseBuffer([0], output);
    if (status !== GSS_COMPLETE && status !== CONTINUE_NEEDED) check(this.#lib, status, minor[0]!, 'authenticate to the server');
    this.#complete = status === GSS_COMPLETE;
    return bytes;
  }

  end(): void {
    if (this.#context[0] !== null) this.#lib.deleteContext([0], this.#context, null);
    this.#context[0] = null;
    for (const free of this.#held.splice(0).reverse()) free();
  }
}

function check(lib: Library, status: number, minor: number, purpose: string): void {
  if (status === GSS_COMPLETE) return;
  const texts = [...words(lib, minor, 2), ...words(lib, status, 1)].filter((text) => !/^(?:unspecified gss failure|success|unknown error)/i.test(text));
  throw new ExchangeSqlError('AUTHENTICATION', `Kerberos could not ${purpose}: ${[...new Set(texts)].join('; ') || `status ${String(status)}`}.`, { hint: hintFor(texts.join(' ')) });
}

function words(lib: Library, status: number, type: 1 | 2): string[] {
  const texts: string[] = [];
  const more = [0];
  for (let turn = 0; turn < 8; turn += 1) {
    const text: { length: number | bigint; value: Pointer }[] = [{ length: 0, value: null }];
    if ((lib.displayStatus([0], status, type, oid(OIDS.krb5), more, text) as number) !== GSS_COMPLETE) break;
    const { length, value } = text[0]!;
    if (value !== null) {
      texts.push(Buffer.from(lib.koffi.decode(value, lib.koffi.array('uint8_t', Number(length))) as Uint8Array).toString('utf8'));
      lib.releaseBuffer([0], text);
    }
    if (more[0] === 0) break;
  }
  return texts;
}

function hintFor(text: string): string {
  if (/preauth|password|decrypt integrity/i.test(text)) return 'Check User and Password.';
  if (/not found in kerberos database/i.test(text)) return /server/i.test(text) ? 'The server has no such service principal name; set KerberosSPN, and check it with setspn.' : 'Check the user name and KerberosRealm.';
  if (/cannot (?:contact|find|resolve).*kdc|cannot find kdc/i.test(text)) return 'Set KerberosKDC (and KerberosRealm), or check /etc/krb5.conf and DNS.';
  if (/clock skew/i.test(text)) return 'The clocks of this machine and of the domain differ by more than five minutes; set the time.';
  if (/no kerberos credentials|cache|expired/i.test(text)) return 'Get a ticket with kinit, or give User and Password or KerberosKeytabFile.';
  if (/keytab/i.test(text)) return 'Check that the keytab can be read and holds the principal (klist -k).';
  return 'See the cause in the KDC’s log, or use AuthScheme=NTLM.';
}
