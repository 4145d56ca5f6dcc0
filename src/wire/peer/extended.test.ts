import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import {
  addHandshake,
  decodeExtendedHandshake,
  type ExtendedHandshake,
  encodeExtendedHandshake,
} from "./extended-handshake.ts";
import { decodeMetadataMessage, encodeMetadataMessage, type MetadataMessage } from "./metadata-message.ts";

const HANDSHAKE: ExtendedHandshake = {
  ids: new Map([
    ["ut_metadata", 2],
    ["ut_pex", 1],
  ]),
  client: "Swarmgate 0.1",
  port: 6881,
  requestsMax: 500,
  metadataBytes: 31_235,
  uploadOnly: true,
  yourAddress: "8.8.4.4",
};

test("an extended handshake comes back as it was sent", () => {
  deepEqual(decodeExtendedHandshake(encodeExtendedHandshake(HANDSHAKE)), { ok: true, value: HANDSHAKE });
});

test("a later handshake adds to what was said before, and takes back what it says anew", () => {
  const said = decodeExtendedHandshake(Buffer.from("d1:md11:lt_donthavei7e6:ut_pexi0ee11:upload_onlyi0ee"));
  const now = said.ok ? addHandshake(HANDSHAKE, said.value) : undefined;
  deepEqual(now, {
    ...HANDSHAKE,
    ids: new Map([
      ["ut_metadata", 2],
      ["ut_pex", 0],
      ["lt_donthave", 7],
    ]),
    uploadOnly: false,
  });
  const flood = { ...HANDSHAKE, ids: new Map(Array.from({ length: 64 }, (_, n) => [`x${n}`, n])) };
  equal(addHandshake(HANDSHAKE, flood).ids.size, 64);
});

test("H50: an extended handshake that nests deeply, repeats or is no dictionary is refused", () => {
  for (const text of ["d1:md1:ad1:ad1:ad1:adeeeeee", "le", "", "d1:m", `${"l".repeat(5000)}${"e".repeat(5000)}`]) {
    equal(decodeExtendedHandshake(Buffer.from(text)).ok, false, text.slice(0, 40));
  }
});

test("values of the wrong kind or out of range count as absent", () => {
  const text = "d1:mi3e13:metadata_size2:no1:pi70000e4:reqqi-1e1:vi5e6:yourip3:abce";
  deepEqual(decodeExtendedHandshake(Buffer.from(text)), {
    ok: true,
    value: {
      ids: new Map(),
      client: undefined,
      port: undefined,
      requestsMax: undefined,
      metadataBytes: undefined,
      uploadOnly: undefined,
      yourAddress: undefined,
    },
  });
});

test("metadata messages come back as they were sent, data behind the dictionary", () => {
  const messages: MetadataMessage[] = [
    { type: "request", piece: 3 },
    { type: "reject", piece: 0 },
    { type: "data", piece: 1, totalBytes: 20_000, data: new Uint8Array(Buffer.from("i1e")) },
  ];
  for (const message of messages) {
    const decoded = decodeMetadataMessage(encodeMetadataMessage(message));
    deepEqual(decoded, { ok: true, value: message });
  }
});

test("a metadata message with a negative or absurd piece, or none, is refused; an unknown type is ignored", () => {
  for (const text of ["d8:msg_typei0e5:piecei-1ee", "d8:msg_typei0e5:piecei99999999ee", "d8:msg_typei0ee", "i1e"]) {
    equal(decodeMetadataMessage(Buffer.from(text)).ok, false, text);
  }
  deepEqual(decodeMetadataMessage(Buffer.from("d8:msg_typei7e5:piecei0ee")), { ok: true, value: undefined });
});
