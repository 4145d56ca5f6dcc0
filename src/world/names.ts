// Host names to addresses.

export interface Names {
  /** All addresses, IPv4 and IPv6, in the system's order; empty when the name is unknown. */
  resolve(host: string): Promise<readonly string[]>;
}
