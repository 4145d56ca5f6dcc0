import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type BencodeCode, type DecodeOptions, decode, decodePrefix } from "./decode.ts";
import { type BencodeInput, encode } from "./encode.ts";
import { BencodeDict, type BencodeValue, isList } from "./value.ts";

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function refusal(text: string, options?: DecodeOptions): { code: BencodeCode; offset: unknown } | undefined {
  const decoded = decode(bytes(text), options);
  return decoded.ok ? undefined : { code: decoded.error.code, offset: decoded.error.data["offset"] };
}

/** Plain data, so that values can be compared. */
function plain(value: BencodeValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (value instanceof BencodeDict) return [...value.entries()].map(([key, inner]) => [key, plain(inner)]);
  return isList(value) ? value.map(plain) : value;
}

function read(text: string, options?: DecodeOptions): unknown {
  const decoded = decode(bytes(text), options);
  truthy(decoded.ok, text);
  return plain(decoded.value);
}

test("the four kinds are read", () => {
  equal(read("i-42e"), -42);
  equal(read("0:"), "");
  deepEqual(read("l3:fooi1ee"), ["foo", 1]);
  deepEqual(read("d1:ai1e1:bd0:leee"), [
    ["a", 1],
    ["b", [["", []]]],
  ]);
});

test("H1: 100 levels are read, 101 are refused", () => {
  truthy(read("l".repeat(100) + "e".repeat(100)));
  deepEqual(refusal("l".repeat(101) + "e".repeat(101)), { code: "metainfo.bencode_depth_exceeded", offset: 100 });
  equal(refusal("d0:".repeat(1_000_000))?.code, "metainfo.bencode_depth_exceeded");
});

test("H2: more than three million tokens are refused", () => {
  equal(refusal(`l${"0:".repeat(2_999_999)}e`), undefined);
  equal(refusal(`l${"0:".repeat(3_000_000)}e`)?.code, "metainfo.bencode_tokens_exceeded");
  equal(refusal(`l${"de".repeat(3_000_000)}e`)?.code, "metainfo.bencode_tokens_exceeded");
});

test("H3: a length of 308 digits is refused, a length past the end too", () => {
  equal(refusal(`1${"0".repeat(307)}:x`)?.code, "metainfo.bencode_length_overflow");
  deepEqual(refusal("9999999999:x"), { code: "metainfo.bencode_truncated", offset: 11 });
  equal(refusal("-1:x")?.code, "metainfo.bencode_malformed");
});

test("H4: integers are exact to the last bit of int64, and refused past it", () => {
  equal(read("i9007199254740991e"), 9007199254740991);
  equal(read("i9007199254740993e"), 9007199254740993n);
  equal(read("i9223372036854775807e"), 9223372036854775807n);
  equal(read("i-9223372036854775808e"), -9223372036854775808n);
  equal(refusal("i9223372036854775808e")?.code, "metainfo.bencode_integer_overflow");
  equal(refusal("i-9223372036854775809e")?.code, "metainfo.bencode_integer_overflow");
  equal(refusal(`i${"9".repeat(100)}e`)?.code, "metainfo.bencode_integer_overflow");
});

test("H5: minus zero and leading zeros are refused", () => {
  for (const text of ["i-0e", "i00e", "i01e", "i-01e", "03:abc", "00:"]) {
    equal(refusal(text)?.code, "metainfo.bencode_integer_noncanonical", text);
  }
  equal(read("i0e"), 0);
});

test("H6: unsorted keys are refused, unless the caller reads messages that nobody hashes", () => {
  deepEqual(refusal("d1:bi1e1:ai2ee"), { code: "metainfo.bencode_keys_unsorted", offset: 7 });
  deepEqual(read("d1:bi1e1:ai2ee", { keyOrder: "any" }), [
    ["b", 1],
    ["a", 2],
  ]);
});

test("the dictionaries in a list may be excused from the order, what is inside them may not", () => {
  const options = { keyOrder: "strict-outside-lists" } as const;
  truthy(read("d5:filesld4:pathle6:lengthi1eeee", options));
  equal(refusal("d5:filesld4:pathd1:b0:1:a0:eeee", options)?.code, "metainfo.bencode_keys_unsorted");
  equal(refusal("d1:b0:1:a0:e", options)?.code, "metainfo.bencode_keys_unsorted");
});

test("H7: a repeated key is refused, in any order", () => {
  deepEqual(refusal("d4:infoi1e4:infoi2ee"), { code: "metainfo.bencode_key_repeated", offset: 10 });
  equal(refusal("d1:ai1e1:bi1e1:ai2ee", { keyOrder: "any" })?.code, "metainfo.bencode_key_repeated");
});

test("H8: bytes behind the value are refused, and their place is told", () => {
  deepEqual(refusal("i1ee"), { code: "metainfo.bencode_trailing", offset: 3 });
  const prefix = decodePrefix(bytes("d1:ai1eePAYLOAD"));
  equal(prefix.ok && prefix.value.endBytes, 8);
});

test("H9: __proto__ and constructor are keys like any other", () => {
  const decoded = decode(bytes("d9:__proto__d8:pollutedi1ee11:constructor1:xe"), { keyOrder: "any" });
  truthy(decoded.ok && decoded.value instanceof BencodeDict);
  truthy(decoded.value.dict("__proto__") instanceof BencodeDict);
  equal(Object.hasOwn(Object.prototype, "polluted"), false);
  equal(decoded.value.get("toString"), undefined);
});

test("H10: keys are compared as bytes, not as UTF-16", () => {
  // U+FFFF is EF BF BF; U+10000 is F0 90 80 80 but begins with the surrogate D800 in UTF-16.
  truthy(read("d3:\xef\xbf\xbf1:a4:\xf0\x90\x80\x801:be"));
  equal(refusal("d4:\xf0\x90\x80\x801:b3:\xef\xbf\xbf1:ae")?.code, "metainfo.bencode_keys_unsorted");
});

test("H11: more than ten megabytes are refused before a byte is read", () => {
  const long = new Uint8Array(10_000_001);
  const decoded = decode(long);
  equal(!decoded.ok && decoded.error.code, "metainfo.bencode_size_exceeded");
});

test("malformed input names the byte where it goes wrong", () => {
  const cases: readonly (readonly [string, BencodeCode, number])[] = [
    ["", "metainfo.bencode_truncated", 0],
    ["e", "metainfo.bencode_malformed", 0],
    ["ie", "metainfo.bencode_malformed", 1],
    ["i-e", "metainfo.bencode_malformed", 2],
    ["i 1e", "metainfo.bencode_malformed", 1],
    ["i1", "metainfo.bencode_truncated", 2],
    ["i3-5e", "metainfo.bencode_malformed", 2],
    ["d", "metainfo.bencode_truncated", 1],
    ["d1:ae", "metainfo.bencode_malformed", 4],
    ["di1ei2ee", "metainfo.bencode_malformed", 1],
    ["100:..", "metainfo.bencode_truncated", 4],
    ["\0\0", "metainfo.bencode_malformed", 0],
  ];
  for (const [text, code, offset] of cases) deepEqual(refusal(text), { code, offset }, JSON.stringify(text));
});

test("every truncation of a message is refused", () => {
  const golden = bytes("d8:announce8:udp://x/4:infod6:lengthi425e4:name4:tempe6:thingsli-3e0:lelee1:z3:abce");
  truthy(decode(golden).ok);
  for (let cut = 0; cut < golden.length; cut++) equal(decode(golden.subarray(0, cut)).ok, false, `${cut}`);
});

test("a dictionary keeps the bytes that it was read from", () => {
  const decoded = decode(bytes("d4:infod1:bi1e1:ai2eee"), { keyOrder: "any" });
  truthy(decoded.ok && decoded.value instanceof BencodeDict);
  equal(Buffer.from(decoded.value.dict("info")?.raw ?? []).toString(), "d1:bi1e1:ai2ee");
});

const inputs = fc.letrec<{ value: BencodeInput }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 6 }), tie("value")), { maxLength: 5 })
      .map((pairs) => new Map(pairs.map(([key, value]) => [Buffer.from(key).toString("latin1"), value]))),
  ),
})).value;

test("what is encoded decodes, and encodes to the same bytes again", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const encoded = encode(input);
      const decoded = decode(encoded);
      truthy(decoded.ok);
      deepEqual(encode(decoded.value), encoded);
    }),
  );
});

test("arbitrary bytes never throw, and what is accepted is canonical", () => {
  const soup = fc
    .array(fc.constantFrom(..."dlie0123456789:-ab\0\xff".split("")), { maxLength: 60 })
    .map((text) => bytes(text.join("")));
  fc.assert(
    fc.property(soup, (input) => {
      const decoded = decode(input);
      if (decoded.ok) deepEqual(rebuilt(decoded.value), Buffer.from(input));
    }),
    { numRuns: 2_000 },
  );
});

/** The value encoded anew, not from the bytes that a dictionary keeps. */
function rebuilt(value: BencodeValue): Buffer {
  const strip = (inner: BencodeValue): BencodeInput =>
    inner instanceof BencodeDict
      ? new Map([...inner.entries()].map(([key, nested]) => [key, strip(nested)]))
      : isList(inner)
        ? inner.map(strip)
        : inner;
  return Buffer.from(encode(strip(value)));
}
