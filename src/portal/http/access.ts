// Who may call each route at all. What they may see or do there is decided by the use case.

import type { Ability } from "../../domain/person.ts";
import type { RouteName } from "../../wire/api/v1/routes.ts";

/** open: anybody. person: a session. device: a proof. either: one of the two. */
export type AccessKind = "open" | "person" | "device" | "either";

export type Access = { readonly by: AccessKind; readonly ability?: Ability };

export const ACCESS = {
  health: { by: "open" },
  signIn: { by: "open" },
  signInByLink: { by: "open" },
  join: { by: "open" },
  policy: { by: "open" },
  signOut: { by: "person" },
  me: { by: "either" },
  changePassword: { by: "person" },
  listPeople: { by: "person", ability: "see-people" },
  addPerson: { by: "person", ability: "manage-people" },
  changePerson: { by: "person", ability: "manage-people" },
  issueSignInLink: { by: "person", ability: "manage-people" },
  issueJoinToken: { by: "person", ability: "enrol-device" },
  listDevices: { by: "either" },
  removeDevice: { by: "either" },
  suggestions: { by: "either" },
  addTorrent: { by: "either", ability: "ask" },
  showTorrent: { by: "either" },
  torrentFile: { by: "either" },
  previewRequest: { by: "either", ability: "ask" },
  fileRequest: { by: "either", ability: "ask" },
  listRequests: { by: "either" },
  showRequest: { by: "either" },
  editRequest: { by: "either" },
  withdrawRequest: { by: "either" },
  approveRequest: { by: "person", ability: "decide" },
  denyRequest: { by: "person", ability: "decide" },
  askAboutRequest: { by: "person", ability: "decide" },
  listGrants: { by: "either" },
  showGrant: { by: "either" },
  revokeGrant: { by: "person", ability: "decide" },
  returnGrant: { by: "either" },
  revocations: { by: "either" },
  deviceGrants: { by: "device" },
  gateGrants: { by: "person", ability: "see-all-transfers" },
  reportBlocks: { by: "person", ability: "run-gate" },
  listBlocks: { by: "either" },
  reachDevice: { by: "device" },
  reportTransfers: { by: "device" },
  listTransfers: { by: "either" },
  showTransfer: { by: "either" },
  pauseTransfer: { by: "either" },
  resumeTransfer: { by: "either" },
  removeTransfer: { by: "either" },
  reportVerdicts: { by: "device" },
  listVerdicts: { by: "either" },
  reportQuarantine: { by: "device" },
  listQuarantine: { by: "either" },
  listAudit: { by: "person", ability: "see-audit" },
  auditCheckpoint: { by: "person", ability: "see-audit" },
  exportAudit: { by: "person", ability: "see-audit" },
  events: { by: "either" },
} as const satisfies Readonly<Record<RouteName, Access>>;
