/**
 * Owns: HTTP Digest (RFC 7616): choosing a challenge, the value of the Authorization header, one counter for each nonce.
 * Does not own: sending, or when to try again.
 * Invariants: the strongest algorithm offered with qop=auth is used; a nonce's count is never used twice; the client nonce is random.
 */
import { createHash, randomBytes } from 'node:crypto';
import { ExchangeSqlError } from '../../errors.js';
import type { Challenge } from './challenge.js';

export interface DigestUser {
  readonly user: string;
  readonly password: string;
}

/** By strength; names of node's hashes. */
const ALGORITHMS: readonly (readonly [name: string, hash: string])[] = [
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
];

interface Session {
  readonly parameters: ReadonlyMap<string, string>;
  readonly algorithm: string;
  readonly hash: string;
  readonly sess: boolean;
  count: number;
}

/** What one connection knows of a server's challenges; may be shared by concurrent requests. */
export class DigestClient {
  readonly #user: DigestUser;
  #session: Session | undefined;

  constructor(user: DigestUser) {
    this.#user = user;
  }

  /** True if a challenge was taken already: the next request can carry its answer from the start. */
  get ready(): boolean {
    return this.#session !== undefined;
  }

  /**
   * Takes a server's challenges.
   *
   * @returns `fresh` if the request shall be sent again (first challenge, or a nonce that has become stale); `refused` if the
   * same user and password were refused.
   * @throws ExchangeSqlError AUTHENTICATION if no challenge can be answered.
   */
  challenged(challenges: readonly Challenge[], answered: string | undefined): 'fresh' | 'refused' {
    const offers = challenges.filter(({ scheme }) => scheme === 'digest').map(sessionOf).filter((session) => session !== undefined);
    const best = ALGORITHMS.flatMap(([name]) => offers.filter(({ algorithm }) => algorithm === name))[0];
    if (best === undefined) {
      throw new ExchangeSqlError('AUTHENTICATION', 'The server offers no kind of Digest authentication that can be answered (MD5, SHA-256 or SHA-512-256 with qop=auth).', {
        hint: 'Try AuthScheme=Negotiate, NTLM or Basic.',
      });
    }
    const stale = best.parameters.get('stale')?.toLowerCase() === 'true';
    // Another request may have taken a newer nonce meanwhile: an answer to an older one is no refusal of the password.
    const old = answered !== undefined && this.#session !== undefined && !answered.includes(`nonce="${quote(this.#session.parameters.get('nonce') ?? '')}"`);
    if (!old) this.#session = best;
    return answered === undefined || stale || old ? 'fresh' : 'refused';
  }

  /** Value of the Authorization header for one request. `target` is path and query as they go out. */
  authorization(method: string, target: string): string {
    const session = this.#session;
    if (session === undefined) throw new ExchangeSqlError('INTERNAL', 'Digest authentication was asked for an answer before a challenge.');
    session.count += 1;
    const get = (name: string): string => session.parameters.get(name) ?? '';
    const nc = session.count.toString(16).padStart(8, '0');
    const cnonce = randomBytes(16).toString('hex');
    const digest = (text: string): string => createHash(session.hash).update(text, 'utf8').digest('hex');
    const { user, password } = this.#user;
    const secret = digest(`${user}:${get('realm')}:${password}`);
    const a1 = session.sess ? digest(`${secret}:${get('nonce')}:${cnonce}`) : secret;
    const response = digest(`${a1}:${get('nonce')}:${nc}:${cnonce}:auth:${digest(`${method}:${target}`)}`);
    const hashed = get('userhash').toLowerCase() === 'true';
    const name = hashed ? digest(`${user}:${get('realm')}`) : user;
    const plain = /^[\x20-\x7e]*$/.test(name);
    return [
      `Digest ${plain ? `username="${quote(name)}"` : `username*=UTF-8''${encodeURIComponent(name)}`}`,
      `realm="${quote(get('realm'))}"`,
      `nonce="${quote(get('nonce'))}"`,
      `uri="${quote(target)}"`,
      `algorithm=${session.algorithm}${session.sess ? '-sess' : ''}`,
      `response="${response}"`,
      ...(session.parameters.has('opaque') ? [`opaque="${quote(get('opaque'))}"`] : []),
      'qop=auth',
      `nc=${nc}`,
      `cnonce="${cnonce}"`,
      ...(hashed ? ['userhash=true'] : []),
    ].join(', ');
  }
}

function sessionOf({ parameters }: Challenge): Session | undefined {
  const named = parameters.get('algorithm') ?? 'MD5';
  const sess = /-sess$/i.test(named);
  const known = ALGORITHMS.find(([name]) => name.toLowerCase() === named.toLowerCase().replace(/-sess$/, ''));
  const qop = (parameters.get('qop') ?? '').split(',').map((word) => word.trim().toLowerCase());
  if (known === undefined || !parameters.has('nonce') || !parameters.has('realm') || !qop.includes('auth')) return undefined;
  return { parameters, algorithm: known[0], hash: known[1], sess, count: 0 };
}

const quote = (text: string): string => text.replace(/["\\]/g, '\\$&');
