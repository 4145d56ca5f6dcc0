// What both ends of the bare datagram loop agree on: as large as uTP's packets on Ethernet, and as much under way as the
// peer's socket holds.

export const HEADER_BYTES = 20;
export const PAYLOAD_BYTES = 1452;
export const SEQUENCE_AT = 16;
export const ACKNOWLEDGED_TOGETHER = 16;
/** 4 MiB of socket buffer hold some 1,800 datagrams, by what the kernel counts for each. */
export const WINDOW = 1400;
export const BUFFER_BYTES = 4 * 1024 * 1024;
