// What a person asks for, and the states that a request goes through.

export const REQUEST_STATES = ["pending", "approved", "denied", "withdrawn", "lapsed"] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const REQUEST_ACTIONS = ["asked", "edited", "questioned", "approved", "denied", "withdrawn", "lapsed"] as const;
export type RequestAction = (typeof REQUEST_ACTIONS)[number];

/** The number that people say: `R-1042`. */
export type RequestId = string;

export function requestIdOf(number: number): RequestId {
  return `R-${number}`;
}

export function requestNumberOf(id: string): number | undefined {
  const digits = /^R-([1-9]\d{0,14})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export const REASON_LENGTH_MAX = 2_000;
export const DURATION_SECONDS_MIN = 60;
export const DURATION_SECONDS_MAX = 366 * 86_400;
