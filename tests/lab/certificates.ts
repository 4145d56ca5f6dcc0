// Certificates for SSL torrents, made by OpenSSL: an authority, and leaves that chain to it or only pretend to.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Leaf = {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
  /** libtorrent wants parameters of Diffie-Hellman beside them. */
  readonly dhParameters: string;
};

export type LeafOptions = {
  /** SAN dNSName: the torrent's name, or `*`. */
  readonly name: string;
  /** Days from now; negative: expired. */
  readonly days?: number;
};

export class Authority {
  readonly #folder: string;
  readonly #name: string;
  #leaves = 0;
  /** What goes into the torrent as `ssl-cert`. */
  readonly rootPem: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    this.rootPem = readFileSync(join(folder, `${name}.pem`), "utf8");
  }

  /** Files named after the authority go into `folder`. */
  static create(folder: string, name: string): Authority {
    openssl(folder, ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`]);
    openssl(folder, [
      "req",
      "-x509",
      "-new",
      "-key",
      `${name}.key`,
      "-days",
      "30",
      "-subj",
      `/CN=${name}`,
      "-out",
      `${name}.pem`,
      "-addext",
      "basicConstraints=critical,CA:TRUE",
      "-addext",
      "keyUsage=critical,keyCertSign,cRLSign",
    ]);
    openssl(folder, ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", "dh.pem"]);
    return new Authority(folder, name);
  }

  issue(options: LeafOptions): Leaf {
    this.#leaves += 1;
    const leaf = `${this.#name}-${this.#leaves}`;
    const extensions = `subjectAltName=DNS:${options.name}\nextendedKeyUsage=clientAuth,serverAuth\n`;
    writeFileSync(join(this.#folder, `${leaf}.ext`), extensions);
    openssl(this.#folder, ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${leaf}.key`]);
    openssl(this.#folder, ["req", "-new", "-key", `${leaf}.key`, "-subj", "/CN=peer", "-out", `${leaf}.csr`]);
    openssl(this.#folder, [
      "x509",
      "-req",
      "-in",
      `${leaf}.csr`,
      "-CA",
      `${this.#name}.pem`,
      "-CAkey",
      `${this.#name}.key`,
      "-CAcreateserial",
      "-days",
      String(options.days ?? 7),
      "-extfile",
      `${leaf}.ext`,
      "-out",
      `${leaf}.pem`,
    ]);
    return {
      certificate: join(this.#folder, `${leaf}.pem`),
      key: join(this.#folder, `${leaf}.key`),
      dhParameters: join(this.#folder, "dh.pem"),
    };
  }
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
}
