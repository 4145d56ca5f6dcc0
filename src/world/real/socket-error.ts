// What the kernel calls an error, as the stable word that people and programs get.

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ETIMEDOUT: "timed-out",
  EHOSTUNREACH: "no-route",
  ENETUNREACH: "no-route",
  EADDRINUSE: "port-taken",
  EACCES: "not-permitted",
  EMFILE: "files-exhausted",
};

export function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
  return REASONS[code] ?? code;
}
