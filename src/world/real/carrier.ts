// A connection of our own making, such as uTP's, as the stream that OpenSSL speaks through.

import { Duplex } from "node:stream";
import type { TcpSocket } from "../net.ts";

/** Written and not yet taken by the carrier: enough to fill a long line, little enough to hold TLS back. */
const UNSENT_BYTES_MAX = 1024 * 1024;

export class Carrier extends Duplex {
  readonly #socket: TcpSocket;
  #written: (() => void) | undefined;

  constructor(socket: TcpSocket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.start({
      onData: (bytes) => {
        if (!this.push(Buffer.from(bytes))) socket.setReading(false);
      },
      onDrain: () => this.#proceed(),
      onClose: () => {
        this.#proceed();
        this.push(null);
        this.destroy();
      },
    });
  }

  #proceed(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  override _read(): void {
    this.#socket.setReading(true);
  }

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    this.#socket.write(chunk);
    if (this.#socket.unsentBytes < UNSENT_BYTES_MAX) written();
    else this.#written = written;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close("closed");
    done(error);
  }
}
