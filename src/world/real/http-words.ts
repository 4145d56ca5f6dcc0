// Why an HTTP exchange failed, in words that stand behind "did not answer as it should": codes of the kernel, of TLS and of
// Node's parser are for those who know them.

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it cut the connection",
  EPIPE: "it cut the connection",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no network leads there",
  ENETUNREACH: "no network leads there",
  EMFILE: "too many files are open on this computer",
  EPROTO: "it does not speak TLS as it should",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet, or this computer's clock is wrong",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "nobody trusted has signed its certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "nobody trusted has signed its certificate",
  UNABLE_TO_GET_ISSUER_CERT: "nobody trusted has signed its certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "nobody trusted has signed its certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "nobody trusted has signed its certificate",
  HPE_HEADER_OVERFLOW: "its headers are too long",
};

const FAMILIES: readonly (readonly [prefix: string, words: string])[] = [
  ["HPE_", "what it sent is not HTTP"],
  ["ERR_SSL_", "it does not speak TLS as it should"],
  ["CERT_", "its certificate is refused"],
];

/** Codes without words stay codes; errors without a code speak for themselves. */
export function sayHttpFailure(error: Error): string {
  if (!("code" in error) || typeof error.code !== "string") return error.message;
  const { code } = error;
  return WORDS[code] ?? FAMILIES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? code;
}
