// How far the scanner goes into one file. What lies past a limit is unscanned, never clean.

export type ScanLimits = {
  /** Containers inside containers. */
  readonly depthMax: number;
  /** Entries of one container. */
  readonly entriesMax: number;
  /** Entries of all containers of one file together. */
  readonly entriesTotalMax: number;
  /** Bytes of all unpacked content of one file together. */
  readonly unpackedBytesMax: number;
  /** Unpacked bytes for each packed byte, once `ratioFloorBytes` are unpacked. */
  readonly ratioMax: number;
  readonly ratioFloorBytes: number;
  /** What is unpacked up to this size stays in memory; more goes into a spool file. */
  readonly memoryBytesMax: number;
  /** One pass of the rules sees this much at a time, since yara-x copies its whole input. */
  readonly windowBytes: number;
  /** Windows overlap by more than the longest match of any shipped rule. */
  readonly overlapBytes: number;
  /** A scanner that reports no progress for this long is killed. */
  readonly silenceMsMax: number;
  /** One file never takes longer than this. */
  readonly totalMsMax: number;
  /** Largest LZMA dictionary that is allocated. */
  readonly dictionaryBytesMax: number;
};

const MIB = 1024 * 1024;

export const SCAN_LIMITS: ScanLimits = {
  depthMax: 8,
  entriesMax: 10_000,
  entriesTotalMax: 200_000,
  unpackedBytesMax: 8 * 1024 * MIB,
  ratioMax: 200,
  ratioFloorBytes: 64 * MIB,
  memoryBytesMax: 16 * MIB,
  windowBytes: 16 * MIB,
  overlapBytes: 64 * 1024,
  silenceMsMax: 30_000,
  totalMsMax: 30 * 60_000,
  dictionaryBytesMax: 128 * MIB,
};
