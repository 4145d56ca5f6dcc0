// The names in a certificate, taken out of the text that Node makes of them.

import type { X509Certificate } from "node:crypto";

export type CertificateNames = { readonly dnsNames: readonly Uint8Array[]; readonly commonNames: readonly string[] };

export function certificateNames(certificate: X509Certificate): CertificateNames {
  return {
    dnsNames: dnsNames(certificate.subjectAltName ?? ""),
    commonNames: commonNames(certificate.toLegacyObject().subject.CN),
  };
}

// Node gives several of the same kind as a list; without any the field is missing, whatever its type says.
function commonNames(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

// Entries are separated by ", "; one with special characters is a JSON string of Latin-1, so that nothing in it can
// pass for another entry (CVE-2021-44532).
const ENTRY = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/g;

function dnsNames(text: string): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (const [, kind, value = ""] of text.matchAll(ENTRY)) {
    if (kind !== "DNS") continue;
    const name: unknown = value.startsWith('"') ? JSON.parse(value) : value;
    if (typeof name === "string") names.push(Buffer.from(name, "latin1"));
  }
  return names;
}
