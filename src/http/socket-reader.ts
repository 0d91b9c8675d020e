/**
 * Owns: reading a handshake from a socket byte-exactly, so that what follows stays in the socket.
 * Invariants: what was read beyond the handshake is put back; a socket that ends or fails rejects the read.
 */
import type { Socket } from 'node:net';

export class SocketReader {
  readonly #socket: Socket;
  #held = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  readonly #onReadable = (): void => {
    for (let chunk = this.#socket.read() as Buffer | null; chunk !== null; chunk = this.#socket.read() as Buffer | null) this.#held = Buffer.concat([this.#held, chunk]);
    this.#wake?.();
  };
  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
    this.#wake?.();
  };
  readonly #onEnd = (): void => {
    this.#failure ??= Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' });
    this.#wake?.();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('readable', this.#onReadable);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
    this.#onReadable();
  }

  async exactly(bytes: number): Promise<Buffer> {
    while (this.#held.length < bytes) await this.#more();
    return this.#cut(bytes);
  }

  /** Up to and with the first `end`. @throws if it does not come within `ceiling` bytes. */
  async until(end: string, ceiling: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(end, 0, 'latin1');
      if (at >= 0) return this.#cut(at + end.length);
      if (this.#held.length > ceiling) throw new Error('the proxy sends no end of its answer');
      await this.#more();
    }
  }

  /** Leaves the socket to its next owner, with what was read too much. */
  release(): void {
    this.#socket.off('readable', this.#onReadable);
    this.#socket.off('error', this.#onError);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    if (this.#held.length > 0 && !this.#socket.destroyed) this.#socket.unshift(this.#held);
  }

  #cut(bytes: number): Buffer {
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    // Bytes that came together with the end are still to be used.
    if (this.#failure !== undefined && this.#held.length === 0) throw this.#failure;
  }
}
