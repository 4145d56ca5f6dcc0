// RC4, because MSE needs it and OpenSSL 3 keeps it in its legacy provider. It hides the protocol from a casual look
// and protects nothing: closed swarms use TLS.

export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0; i < 256; i++) state[i] = i;
    let j = 0;
    for (let i = 0; i < 256; i++) {
      const x = state[i] ?? 0;
      j = (j + x + (key[i % key.length] ?? 0)) & 255;
      state[i] = state[j] ?? 0;
      state[j] = x;
    }
  }

  /** XORs the key stream over `bytes` in place: encryption and decryption are the same. */
  apply(bytes: Uint8Array): void {
    this.applyTo(bytes, bytes);
  }

  /** XORs `source` with the key stream into `target`, for bytes that somebody else still reads. */
  applyTo(source: Uint8Array, target: Uint8Array): void {
    const state = this.#state;
    const count = source.length;
    let i = this.#i;
    let j = this.#j;
    for (let at = 0; at < count; at++) {
      i = (i + 1) & 255;
      const x = state[i] ?? 0;
      j = (j + x) & 255;
      const y = state[j] ?? 0;
      state[i] = y;
      state[j] = x;
      target[at] = (source[at] ?? 0) ^ (state[(x + y) & 255] ?? 0);
    }
    this.#i = i;
    this.#j = j;
  }

  /** Drops key stream: the first 1024 bytes of RC4 leak its key. */
  skip(count: number): void {
    this.apply(new Uint8Array(count));
  }
}
