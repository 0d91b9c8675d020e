/**
 * Owns: CONNECT through an HTTP proxy (RFC 9110 9.3.6), with the proxy's own authentication.
 * Does not own: opening the socket to the proxy, or TLS to the target inside the tunnel.
 * Invariants: the target's authorization never reaches the proxy; the proxy's never the target.
 */
import type { Socket } from 'node:net';
import type { Handshake, OpenSocket } from './handshake.js';
import { SocketReader } from './socket-reader.js';
import { ProxyRefusal } from './socks.js';

const MOST_HEAD = 64 * 1024;
/** Legs of the longest handshake (Negotiate with a stale ticket) and one spare. */
const MOST_LEGS = 5;

/** @throws ProxyRefusal with the proxy's status. */
export async function openTunnel(open: OpenSocket, host: string, port: number, handshake: Handshake | undefined, signal: AbortSignal | undefined): Promise<Socket> {
  const target = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  let socket = await open(signal);
  let challenge: string | undefined;
  try {
    for (let leg = 0; leg < MOST_LEGS; leg += 1) {
      const authorization = await handshake?.next(challenge, { method: 'CONNECT', target, host, signal });
      if (challenge !== undefined && authorization === undefined) break;
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`}\r\n`);
      const answer = await readAnswer(socket);
      if (answer.status >= 200 && answer.status < 300) return socket;
      if (answer.status !== 407) throw new ProxyRefusal(`it answered ${String(answer.status)}${answer.text === '' ? '' : ` (${answer.text})`} to CONNECT ${target}`, answer.status === 401);
      challenge = answer.challenge;
      if (answer.closes) {
        socket.destroy();
        socket = await open(signal);
      }
    }
    throw new ProxyRefusal(handshake === undefined ? 'it asks for authentication (407)' : 'it refused user name and password (407)', true);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

interface TunnelAnswer {
  readonly status: number;
  readonly text: string;
  readonly challenge: string;
  /** The proxy ends this connection: the next leg needs another. */
  readonly closes: boolean;
}

async function readAnswer(socket: Socket): Promise<TunnelAnswer> {
  const reader = new SocketReader(socket);
  try {
    const head = (await reader.until('\r\n\r\n', MOST_HEAD)).toString('latin1');
    const [first = '', ...lines] = head.split('\r\n');
    const match = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(first);
    if (match === null) throw new ProxyRefusal('it does not speak HTTP');
    const values = (name: string): string[] => lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return line.slice(0, colon).trim().toLowerCase() === name ? [line.slice(colon + 1).trim()] : [];
    });
    const status = Number(match[2]);
    const length = Number(values('content-length')[0] ?? Number.NaN);
    const connection = [...values('connection'), ...values('proxy-connection')].join(',').toLowerCase();
    let closes = connection.includes('close') || (match[1] === '0' && !connection.includes('keep-alive'));
    // The page of a 407 has to be out of the way before the next leg; one of unknown length needs a new connection.
    if (status >= 300) {
      if (Number.isSafeInteger(length) && length >= 0 && length <= MOST_HEAD) await reader.exactly(length);
      else closes = true;
    }
    return { status, text: (match[3] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 80), challenge: values('proxy-authenticate').join(', '), closes };
  } finally {
    reader.release();
  }
}
