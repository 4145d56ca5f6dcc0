// The lists of the portal, page by page as its cursors give them, and the single things in them.

import { type UseInfiniteQueryResult, type UseQueryResult, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { AuditCheckpointReply, AuditPage, AuditRecord } from "../../../src/wire/api/v1/audit.ts";
import type { Device, Devices } from "../../../src/wire/api/v1/device.ts";
import type { GateBlocks } from "../../../src/wire/api/v1/gate.ts";
import type { GrantDetail, GrantPage, GrantSummary } from "../../../src/wire/api/v1/grant.ts";
import type { People, Person } from "../../../src/wire/api/v1/person.ts";
import type { PolicyText } from "../../../src/wire/api/v1/policy.ts";
import type { RequestDetail, RequestPage, RequestSummary } from "../../../src/wire/api/v1/request.ts";
import type { Suggestions } from "../../../src/wire/api/v1/torrent.ts";
import type { Transfer, TransferPage } from "../../../src/wire/api/v1/transfer.ts";
import type { QuarantineEntry, QuarantinePage } from "../../../src/wire/api/v1/verdict.ts";
import { KEYS } from "./cache.ts";
import { call, query } from "./call.ts";

/** A list as far as it was read. */
export type Listed<Row> = { readonly rows: readonly Row[]; readonly total: number };
export type ListResult<Row> = UseInfiniteQueryResult<Listed<Row>>;
type Filter = Readonly<Record<string, string | undefined>>;
type Chapter<Row> = { readonly rows: readonly Row[]; readonly total: number; readonly nextCursor: string | null };

type ListSource<Reply, Row> = {
  readonly key: readonly string[];
  readonly path: string;
  readonly chapter: (reply: Reply) => Chapter<Row>;
};

function useList<Reply, Row>(
  { key, path, chapter }: ListSource<Reply, Row>,
  filter: Filter,
  enabled = true,
): ListResult<Row> {
  return useInfiniteQuery({
    queryKey: [...key, "list", filter],
    queryFn: async ({ pageParam }) =>
      chapter(await call<Reply>("GET", `${path}${query({ ...filter, cursor: pageParam })}`)),
    initialPageParam: "",
    getNextPageParam: (last: Chapter<Row>) => last.nextCursor,
    select: ({ pages }): Listed<Row> => ({ rows: pages.flatMap((page) => page.rows), total: pages.at(-1)?.total ?? 0 }),
    placeholderData: (before) => before,
    enabled,
  });
}

const REQUESTS_SOURCE = {
  key: KEYS.requests,
  path: "/requests",
  chapter: ({ requests, ...rest }: RequestPage) => ({ rows: requests, ...rest }),
};

export function useRequests(filter: Filter, enabled = true): ListResult<RequestSummary> {
  return useList(REQUESTS_SOURCE, filter, enabled);
}

const GRANTS_SOURCE = {
  key: KEYS.grants,
  path: "/grants",
  chapter: ({ grants, ...rest }: GrantPage) => ({ rows: grants, ...rest }),
};

export function useGrants(filter: Filter, enabled = true): ListResult<GrantSummary> {
  return useList(GRANTS_SOURCE, filter, enabled);
}

const TRANSFERS_SOURCE = {
  key: KEYS.transfers,
  path: "/transfers",
  chapter: ({ transfers, ...rest }: TransferPage) => ({ rows: transfers, ...rest }),
};

export function useTransfers(filter: Filter, enabled = true): ListResult<Transfer> {
  return useList(TRANSFERS_SOURCE, filter, enabled);
}

const QUARANTINE_SOURCE = {
  key: KEYS.quarantine,
  path: "/quarantine",
  chapter: ({ entries, ...rest }: QuarantinePage) => ({ rows: entries, ...rest }),
};

export function useQuarantine(filter: Filter, enabled = true): ListResult<QuarantineEntry> {
  return useList(QUARANTINE_SOURCE, filter, enabled);
}

const AUDIT_SOURCE = {
  key: KEYS.audit,
  path: "/audit",
  chapter: ({ records, ...rest }: AuditPage) => ({ rows: records, ...rest }),
};

export function useAudit(filter: Filter): ListResult<AuditRecord> {
  return useList(AUDIT_SOURCE, filter);
}

function useOne<Reply>(key: readonly string[], path: string, enabled = true): UseQueryResult<Reply> {
  return useQuery({ queryKey: key, queryFn: () => call<Reply>("GET", path), enabled });
}

export function useRequest(id: string): UseQueryResult<RequestDetail> {
  return useOne([...KEYS.requests, "one", id], `/requests/${encodeURIComponent(id)}`);
}

export function useGrant(id: string): UseQueryResult<GrantDetail> {
  return useOne([...KEYS.grants, "one", id], `/grants/${encodeURIComponent(id)}`);
}

export function useTransfer(id: string): UseQueryResult<Transfer> {
  return useOne([...KEYS.transfers, "one", id], `/transfers/${encodeURIComponent(id)}`);
}

export function useCheckpoint(): UseQueryResult<AuditCheckpointReply> {
  return useOne([...KEYS.audit, "checkpoint"], "/audit/checkpoint");
}

export function usePolicy(): UseQueryResult<PolicyText> {
  return useOne(KEYS.policy, "/policy");
}

export function useSuggestions(enabled = true): UseQueryResult<Suggestions> {
  return useOne(KEYS.suggestions, "/suggestions", enabled);
}

export function usePeople(q: string, enabled = true): UseQueryResult<readonly Person[]> {
  return useQuery({
    queryKey: [...KEYS.people, q],
    queryFn: async () => (await call<People>("GET", `/people${query({ q })}`)).people,
    placeholderData: (before) => before,
    enabled,
  });
}

export function useDevices(): UseQueryResult<readonly Device[]> {
  return useQuery({ queryKey: KEYS.devices, queryFn: async () => (await call<Devices>("GET", "/devices")).devices });
}

/** A block of an address that is nobody's device brings no event to those who ask from it: it is looked for. */
const BLOCKS_EVERY_MS = 30_000;

export function useBlocks(scope: "mine" | "all"): UseQueryResult<GateBlocks> {
  return useQuery({
    queryKey: [...KEYS.blocks, scope],
    queryFn: () => call<GateBlocks>("GET", `/gate/blocks${query({ scope })}`),
    refetchInterval: BLOCKS_EVERY_MS,
  });
}
