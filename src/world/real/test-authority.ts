// Certificates for tests, made by openssl: the authority of one torrent or institution and the leaves it issues.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../base/secret.ts";
import type { TlsIdentity } from "../tls.ts";

export type LeafOptions = {
  /** The dNSName; also the common name. */
  readonly name: string;
  /** YYYYMMDDHHMMSSZ. */
  readonly from?: string;
  readonly until?: string;
  readonly usages?: string;
  /** Leave the subject alternative name out: only the common name is there. */
  readonly withoutSan?: boolean;
};

const CONFIG = `[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
`;

export class TestAuthority implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), "swarmgate-tls-"));
  readonly rootPem: string;
  #count = 0;

  constructor(name = "test root") {
    writeFileSync(this.#path("ca.cnf"), CONFIG);
    writeFileSync(this.#path("index.txt"), "");
    this.#openssl("ecparam -name prime256v1 -genkey -noout -out root.key");
    this.#openssl("req -x509 -new -key root.key -config ca.cnf -days 30 -out root.pem", [
      "-subj",
      `/CN=${name}`,
      "-addext",
      "basicConstraints=critical,CA:true",
      "-addext",
      "keyUsage=critical,keyCertSign,cRLSign",
    ]);
    this.rootPem = this.#read("root.pem");
  }

  /** Files of a certificate and its key, for programs that want paths. */
  issueFiles(options: LeafOptions): { readonly certificate: string; readonly privateKey: string } {
    this.#count += 1;
    const leaf = `leaf${this.#count}`;
    const { from = "20250101000000Z", until = "20400101000000Z", usages = "clientAuth,serverAuth" } = options;
    const san = options.withoutSan === true ? "" : `subjectAltName=DNS:${options.name}\n`;
    writeFileSync(this.#path(`${leaf}.ext`), `${san}extendedKeyUsage=${usages}\nbasicConstraints=CA:false\n`);
    this.#openssl(`ecparam -name prime256v1 -genkey -noout -out ${leaf}.key`);
    this.#openssl(`req -new -key ${leaf}.key -config ca.cnf -out ${leaf}.csr`, ["-subj", `/CN=${options.name}`]);
    this.#openssl(
      `ca -batch -notext -config ca.cnf -cert root.pem -keyfile root.key -in ${leaf}.csr -out ${leaf}.pem ` +
        `-startdate ${from} -enddate ${until} -extfile ${leaf}.ext`,
    );
    return { certificate: this.#path(`${leaf}.pem`), privateKey: this.#path(`${leaf}.key`) };
  }

  issue(options: LeafOptions): TlsIdentity {
    const { certificate, privateKey } = this.issueFiles(options);
    return {
      rootPem: this.rootPem,
      certificatePem: readFileSync(certificate, "utf8"),
      privateKeyPem: new Secret(readFileSync(privateKey, "utf8")),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  #read(name: string): string {
    return readFileSync(this.#path(name), "utf8");
  }

  /** `more` holds arguments with spaces. */
  #openssl(words: string, more: readonly string[] = []): void {
    execFileSync("openssl", [...words.split(" "), ...more], { cwd: this.#dir, stdio: ["ignore", "ignore", "pipe"] });
  }
}
