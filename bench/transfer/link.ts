// Two network namespaces joined by one veth pair: the shortest network that is not loopback.

import { addNamespace, ip, removeNamespace } from "../../tests/lab/namespace.ts";
import { Program } from "../../tests/lab/program.ts";

export const SEEDER_ADDRESS = "10.78.0.1";
const LEECHER_ADDRESS = "10.78.0.2";

export class Link implements Disposable {
  readonly #seeder = `sgb-${process.pid}-a`;
  readonly #leecher = `sgb-${process.pid}-b`;

  constructor() {
    addNamespace(this.#seeder);
    addNamespace(this.#leecher);
    ip(
      this.#seeder,
      `link add eth0 type veth peer name eth0 netns ${this.#leecher}`,
      `address add ${SEEDER_ADDRESS}/24 dev eth0`,
      "link set lo up",
      "link set eth0 up",
    );
    ip(this.#leecher, `address add ${LEECHER_ADDRESS}/24 dev eth0`, "link set lo up", "link set eth0 up");
  }

  seeder(program: string, args: readonly string[]): Program {
    return this.#start(this.#seeder, program, args);
  }

  leecher(program: string, args: readonly string[]): Program {
    return this.#start(this.#leecher, program, args);
  }

  // Every contestant alike runs at real-time priority: whatever else the machine is doing does not blur the ratios.
  #start(namespace: string, program: string, args: readonly string[]): Program {
    return new Program("ip", ["netns", "exec", namespace, "chrt", "--rr", "1", program, ...args], { title: program });
  }

  [Symbol.dispose](): void {
    removeNamespace(this.#seeder);
    removeNamespace(this.#leecher);
  }
}
