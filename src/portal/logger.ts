// The log of the portal: JSON lines, without what is secret.

import type { FastifyBaseLogger } from "fastify";
import { pino } from "pino";

export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** JSON lines to `stream`: pino escapes what could begin a new one (HOSTILE 166). */
export function portalLogger(level: LogLevel, stream: { write(line: string): void }): FastifyBaseLogger {
  return pino({ level, base: null, redact: ["req.headers.authorization", "req.headers.cookie"] }, stream);
}
