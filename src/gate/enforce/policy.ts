// The gate's policy: which networks are which zone and what holds there, who is never touched, and which addresses belong
// to which device. Everything is checked here, because it becomes text that nft reads.

import ipaddr from "ipaddr.js";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";

const exact = { additionalProperties: false } as const;
const Cidr = Type.String({ minLength: 2, maxLength: 64 });
const Id = "^[A-Za-z0-9_-]{1,64}$";
const Treatment = Type.Enum(["block", "throttle", "allow"]);
const KilobytesPerSecond = Type.Integer({ minimum: 1, maximum: 10_000_000 });
const Megabytes = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const ZoneRule = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,31}$" }),
    networks: Type.Array(Cidr, { minItems: 1, maxItems: 1024 }),
    policy: Treatment,
    kilobytesPerSecond: Type.Optional(KilobytesPerSecond),
  },
  exact,
);
/** What holds for one device or person, before its zone is asked. */
const own = {
  policy: Type.Optional(Treatment),
  kilobytesPerSecond: Type.Optional(KilobytesPerSecond),
  megabytesPerDay: Type.Optional(Megabytes),
};
const DeviceRule = Type.Object(
  {
    addresses: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 64 }),
    mac: Type.Optional(Type.String({ pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" })),
    person: Type.Optional(Type.String({ pattern: Id })),
    ...own,
  },
  exact,
);
const QuotaRule = Type.Object(
  {
    /** What granted traffic each device, and all devices of one person, may have in a day. */
    deviceMegabytesPerDay: Type.Optional(Megabytes),
    personMegabytesPerDay: Type.Optional(Megabytes),
    /** Where midnight is: a name of the time zone database. */
    timeZone: Type.String({ maxLength: 64 }),
  },
  exact,
);
export const GatePolicy = Type.Object(
  {
    /** The first zone that holds the inside address decides; an address in no zone is blocked. */
    zones: Type.Array(ZoneRule, { maxItems: 32 }),
    /** Traffic from and to these networks is never touched, whatever else is said (H186). */
    management: Type.Array(Cidr, { maxItems: 256 }),
    /** By device id: the addresses that its grants open, and the card that alone may use them (H178). */
    devices: Type.Record(Type.String({ pattern: Id }), DeviceRule),
    /** By person id, for all devices that name the person. */
    persons: Type.Record(Type.String({ pattern: Id }), Type.Object(own, exact)),
    quotas: QuotaRule,
    /** What becomes of a tunnel in which peer-to-peer traffic without a grant was found. */
    tunnels: Type.Enum(["block", "report"]),
    refuse: Type.Enum(["silently", "with-icmp", "with-reset"]),
  },
  exact,
);
export type GatePolicy = Static<typeof GatePolicy>;
export type ZoneRule = Static<typeof ZoneRule>;

export const DEFAULT_POLICY: GatePolicy = {
  zones: [],
  management: [],
  devices: {},
  persons: {},
  quotas: { timeZone: "UTC" },
  tunnels: "block",
  refuse: "silently",
};

/** Rules are met one after the other. */
const ZONES_MAX = 512;

export type PolicyCode = "gate.policy_malformed";

/** Missing parts take their default: no zone, so that everything is blocked. */
export function parsePolicy(text: string): Result<GatePolicy, Failure<PolicyCode>> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    return err(failure("gate.policy_malformed", { detail: "it is not JSON" }, cause));
  }
  const whole = typeof given === "object" && given !== null ? { ...DEFAULT_POLICY, ...given } : given;
  if (!Value.Check(GatePolicy, whole)) {
    const [first] = Value.Errors(GatePolicy, whole);
    const detail = `${first?.instancePath ?? ""} ${first?.message ?? "has another form"}`.trim();
    return err(failure("gate.policy_malformed", { detail }));
  }
  const wrong = wrongText(whole);
  return wrong === undefined ? ok(whole) : err(failure("gate.policy_malformed", { detail: wrong }));
}

function wrongText(policy: GatePolicy): string | undefined {
  const networks = [...policy.management, ...policy.zones.flatMap((zone) => zone.networks)];
  const wrongNetwork = networks.find((network) => familyOf(network) === undefined);
  if (wrongNetwork !== undefined) return `${wrongNetwork} is no network such as 10.0.0.0/8 or 2001:db8::/32`;
  const addresses = Object.values(policy.devices).flatMap((device) => device.addresses);
  const wrongAddress = addresses.find((address) => !ipaddr.isValid(address));
  if (wrongAddress !== undefined) return `${wrongAddress} is no address`;
  if (!isTimeZone(policy.quotas.timeZone)) return `${policy.quotas.timeZone} is no time zone such as Europe/Berlin`;
  const zones = zonesOf(policy);
  if (zones.length > ZONES_MAX) return `more than ${ZONES_MAX} zones, devices and persons have a policy of their own`;
  const throttled = zones.find((zone) => zone.policy === "throttle" && zone.kilobytesPerSecond === undefined);
  return throttled === undefined ? undefined : `${throttled.name} is throttled, but to which kilobytesPerSecond`;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Everything that decides by address, the first first: devices and persons with a policy of their own, then zones. */
export function zonesOf(policy: GatePolicy): ZoneRule[] {
  const devices = Object.entries(policy.devices).flatMap(([id, device]) =>
    ownZone(`device ${id}`, device, device.addresses),
  );
  const persons = Object.entries(policy.persons).flatMap(([id, person]) => {
    const theirs = Object.values(policy.devices).filter((device) => device.person === id);
    const addresses = theirs.flatMap((device) => device.addresses);
    return addresses.length === 0 ? [] : ownZone(`person ${id}`, person, addresses);
  });
  return [...devices, ...persons, ...policy.zones];
}

type OwnRule = Pick<ZoneRule, "kilobytesPerSecond"> & { readonly policy?: ZoneRule["policy"] };

function ownZone(name: string, own: OwnRule, addresses: readonly string[]): ZoneRule[] {
  if (own.policy === undefined) return [];
  const rate = own.kilobytesPerSecond;
  const zone = { name, networks: [...addresses], policy: own.policy };
  return [rate === undefined ? zone : { ...zone, kilobytesPerSecond: rate }];
}

/** 4 or 6; undefined for what is neither. A single address is a network too. */
export function familyOf(network: string): 4 | 6 | undefined {
  const isRange = network.includes("/");
  if (!(isRange ? ipaddr.isValidCIDR(network) : ipaddr.isValid(network))) return undefined;
  if (!/^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(network)) return undefined;
  const address = isRange ? ipaddr.parseCIDR(network)[0] : ipaddr.parse(network);
  return address.kind() === "ipv4" ? 4 : 6;
}

/** The zone that an address belongs to. */
export function zoneOf(policy: GatePolicy, address: string): ZoneRule | undefined {
  return firstWith(policy.zones, address);
}

/** What decides about an address. */
export function deciderOf(policy: GatePolicy, address: string): ZoneRule | undefined {
  return firstWith(zonesOf(policy), address);
}

/** The device that the policy gives an address to. */
export function deviceOf(policy: GatePolicy, address: string): string | undefined {
  const parsed = ipaddr.parse(address).toNormalizedString();
  return Object.entries(policy.devices).find(([, device]) =>
    device.addresses.some((one) => ipaddr.parse(one).toNormalizedString() === parsed),
  )?.[0];
}

function firstWith(zones: readonly ZoneRule[], address: string): ZoneRule | undefined {
  const parsed = ipaddr.parse(address);
  return zones.find((zone) =>
    zone.networks.some((network) => {
      const [base, bits] = network.includes("/") ? ipaddr.parseCIDR(network) : single(network);
      return base.kind() === parsed.kind() && parsed.match(base, bits);
    }),
  );
}

function single(address: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.parse(address);
  return [parsed, parsed.kind() === "ipv4" ? 32 : 128];
}
