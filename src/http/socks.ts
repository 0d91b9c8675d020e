/**
 * Owns: the handshakes of SOCKS 4, 4a and 5 (RFC 1928, 1929) on a socket to the proxy.
 * Does not own: opening the socket.
 * Invariants: host names are resolved by the proxy; nothing after the proxy's answer is read away from the tunnel.
 */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { SocketReader } from './socket-reader.js';

export interface SocksTarget {
  readonly host: string;
  readonly port: number;
}

export interface SocksUser {
  readonly user: string;
  readonly password: string;
}

/** A refusal of the proxy, in words. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
  /** True if user name and password are the reason. */
  readonly credentials: boolean;

  constructor(message: string, credentials = false) {
    super(message);
    this.credentials = credentials;
  }
}

const SOCKS4_REFUSALS: Readonly<Record<number, string>> = { 0x5b: 'it refused or could not make the connection', 0x5c: 'it could not ask identd', 0x5d: 'identd names another user' };

export async function socks4(socket: Socket, { host, port }: SocksTarget, user: string): Promise<void> {
  if (isIP(host) === 6) throw new ProxyRefusal('SOCKS4 cannot reach an IPv6 address');
  const reader = new SocketReader(socket);
  try {
    const literal = isIP(host) === 4;
    // SOCKS4a: address 0.0.0.x says that the name follows.
    const address = literal ? Buffer.from(host.split('.').map(Number)) : Buffer.from([0, 0, 0, 1]);
    socket.write(Buffer.concat([Buffer.from([4, 1, port >> 8, port & 0xff]), address, Buffer.from(`${user}\0`, 'utf8'), literal ? Buffer.alloc(0) : Buffer.from(`${host}\0`, 'utf8')]));
    const answer = await reader.exactly(8);
    if (answer[0] !== 0) throw new ProxyRefusal('it does not speak SOCKS4');
    if (answer[1] !== 0x5a) throw new ProxyRefusal(SOCKS4_REFUSALS[answer[1]!] ?? `it refused with code ${String(answer[1])}`, answer[1] === 0x5d);
  } finally {
    reader.release();
  }
}

const SOCKS5_REFUSALS: readonly string[] = [
  '', 'it failed', 'its rules do not allow the connection', 'the network cannot be reached', 'the host cannot be reached', 'the host refused the connection', 'the connection took too long', 'it does not know CONNECT',
  'it does not take this kind of address',
];

export async function socks5(socket: Socket, { host, port }: SocksTarget, user: SocksUser | undefined): Promise<void> {
  const reader = new SocketReader(socket);
  try {
    socket.write(Buffer.from(user === undefined ? [5, 1, 0] : [5, 2, 0, 2]));
    const [version, method] = await reader.exactly(2);
    if (version !== 5) throw new ProxyRefusal('it does not speak SOCKS5');
    if (method === 2 && user !== undefined) await signIn(socket, reader, user);
    else if (method !== 0) throw new ProxyRefusal(user === undefined ? 'it asks for a user name and password' : 'it offers no way of signing in that is known here', true);
    socket.write(Buffer.concat([Buffer.from([5, 1, 0]), addressOf(host), Buffer.from([port >> 8, port & 0xff])]));
    const answer = await reader.exactly(4);
    if (answer[1] !== 0) throw new ProxyRefusal(SOCKS5_REFUSALS[answer[1]!] ?? `it refused with code ${String(answer[1])}`);
    const length = answer[3] === 1 ? 4 : answer[3] === 4 ? 16 : answer[3] === 3 ? (await reader.exactly(1))[0]! : 0;
    await reader.exactly(length + 2);
  } finally {
    reader.release();
  }
}

async function signIn(socket: Socket, reader: SocketReader, { user, password }: SocksUser): Promise<void> {
  const [name, secret] = [Buffer.from(user, 'utf8'), Buffer.from(password, 'utf8')];
  if (name.length > 255 || secret.length > 255 || name.length === 0) throw new ProxyRefusal('SOCKS5 takes user names and passwords of 1 to 255 bytes', true);
  socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]));
  if ((await reader.exactly(2))[1] !== 0) throw new ProxyRefusal('user name or password is wrong', true);
}

function addressOf(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  if (isIP(host) === 6) return Buffer.concat([Buffer.from([4]), ipv6(host)]);
  const name = Buffer.from(host, 'utf8');
  if (name.length > 255) throw new ProxyRefusal('the host name is too long');
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

function ipv6(host: string): Buffer {
  // The URL parser writes any form of address out as pairs of bytes with at most one "::".
  const normal = new URL(`http://[${host.split('%')[0]!}]/`).hostname.slice(1, -1);
  const [head = '', tail] = normal.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(head), tail === undefined ? [] : groups(tail)];
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
