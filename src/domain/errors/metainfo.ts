// Failures of torrent files, magnets and the paths inside them.

import type { ErrorEntry, ErrorTable } from "./entry.ts";

const ASK_FOR_ANOTHER = "Ask whoever published it for a correct torrent, or look for another source.";
const UNSAFE_NAMES = "Do not work around it: ask whoever published it for a torrent with plain names.";

/** Content that is refused: nothing was written. */
function refused(says: string, next: string = ASK_FOR_ANOTHER): ErrorEntry {
  return { fault: "content", retry: "never", exit: 5, status: 422, says, next };
}

export const METAINFO_ERRORS = {
  "metainfo.bencode_truncated": refused("The torrent's data ends too early, at byte {offset}."),
  "metainfo.bencode_malformed": refused("The torrent's data is not valid bencoding at byte {offset}."),
  "metainfo.bencode_integer_noncanonical": refused(
    "A number at byte {offset} is written with a leading zero or as minus zero, so two programs may read it differently.",
  ),
  "metainfo.bencode_integer_overflow": refused("The number that ends at byte {offset} is larger than 64 bits."),
  "metainfo.bencode_length_overflow": refused("The length that ends at byte {offset} is impossibly large."),
  "metainfo.bencode_keys_unsorted": refused(
    "The key at byte {offset} is out of order, so the torrent has no single reading.",
  ),
  "metainfo.bencode_key_repeated": refused(
    "The key at byte {offset} stands there twice, so the torrent has two readings.",
  ),
  "metainfo.bencode_trailing": refused("There is something behind the torrent's end, at byte {offset}."),
  "metainfo.bencode_depth_exceeded": refused("The torrent nests too deeply, at byte {offset}."),
  "metainfo.bencode_tokens_exceeded": refused("The torrent holds too many values, counted up to byte {offset}."),
  "metainfo.bencode_size_exceeded": refused(
    "The torrent has {bytes} bytes of metadata; more than {bytesMax} are refused.",
  ),
  "metainfo.torrent_malformed": refused("This is not a torrent: {detail}."),
  "metainfo.field_missing": refused("The torrent does not say its `{field}`."),
  "metainfo.field_wrong": refused("The torrent's `{field}` is not what the format says it is."),
  "metainfo.version_unknown": refused(
    "The torrent says that it is of version {version}, which nobody has defined; known are 1 and 2.",
  ),
  "metainfo.piece_length_invalid": refused(
    "The torrent's piece length of {bytes} bytes is not allowed: v1 takes 1 to {bytesMax}; v2 a power of two from 16384.",
  ),
  "metainfo.pieces_invalid": refused(
    "The torrent has {bytes} bytes of piece hashes where its files need {bytesWanted}.",
  ),
  "metainfo.pieces_exceeded": refused("The torrent has {pieces} pieces; more than {piecesMax} are refused."),
  "metainfo.length_invalid": refused("The length of the file {path} is not a possible one."),
  "metainfo.files_missing": refused("The torrent holds no file with content."),
  "metainfo.files_ambiguous": refused("The torrent says both that it is one file and that it is a folder."),
  "metainfo.tree_invalid": refused("The torrent's file tree is wrong at {path}: {detail}."),
  "metainfo.root_invalid": refused("The file {path} has no valid `pieces root`."),
  "metainfo.layer_invalid": refused("The torrent's piece layer for {path} is wrong: {detail}."),
  "metainfo.hybrid_differs": refused("The torrent's v1 and v2 halves describe different content: {detail}."),
  "metainfo.pad_invalid": refused("The torrent's pad file {path} is wrong: {detail}."),
  "metainfo.certificate_invalid": refused("The torrent's `ssl-cert` is not one certificate in PEM: {detail}."),
  "metainfo.hash_mismatch": refused("The metadata that arrived is not the metadata that the link names."),
  "metainfo.path_separator": refused("The name “{name}” holds a path separator.", UNSAFE_NAMES),
  "metainfo.path_bad_name": refused("The name “{name}” is not safe as a file name: it {why}.", UNSAFE_NAMES),
  "metainfo.path_hidden": refused("The name “{name}” begins with a dot: it would be a hidden file.", UNSAFE_NAMES),
  "metainfo.path_symlink": refused("“{path}” is a symbolic link; links in torrents are refused.", UNSAFE_NAMES),
  "metainfo.path_collision": refused("Two files of the torrent would land on the same name: “{path}”.", UNSAFE_NAMES),
  "metainfo.path_name_too_long": refused("A name in “{path}” has {bytes} bytes; file systems take 255.", UNSAFE_NAMES),
  "metainfo.path_depth_exceeded": refused("A path of the torrent is {depth} folders deep or too long to be stored."),
  "metainfo.source_special": refused(
    "{path} is {what}; only plain files and folders can be put into a torrent.",
    "Copy the file that it leads to into the folder, or leave it out.",
  ),
  "metainfo.source_changed": {
    fault: "environment",
    retry: "later",
    exit: 1,
    status: 409,
    says: "The files at {path} changed or could not be read while they were hashed.",
    next: "Wait until nothing writes to them, check their permissions, and run the command again.",
  },
  "metainfo.pieces_too_small": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 422,
    says: "With pieces of {pieceLength} the torrent file would have {bytes} bytes; more than {bytesMax} are not taken.",
    next: "Use --piece-length {least} or more, or leave it out: a good length is then chosen.",
  },
  "metainfo.output_taken": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 409,
    says: "There is a file at {path} that is not a torrent; it was left as it is.",
    next: "Choose another name with -o.",
  },
  "metainfo.data_missing": {
    fault: "you",
    retry: "after-change",
    exit: 4,
    status: 404,
    says: "{files} of the torrent's files are missing in {dir}, first {path}.",
    next: "Give the folder that holds the torrent's file or folder, or fetch the content again.",
  },
  "metainfo.data_wrong": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 409,
    says: "{piecesBad} of {piecesTotal} pieces are not what the torrent says, first in {path}.",
    next: "Fetch the content again: only what is wrong will be fetched.",
  },
  "metainfo.magnet_invalid": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 400,
    says: "This is not a magnet link that can be used: {detail}.",
    next: "Copy the whole link again; it begins with magnet:? and names a hash after xt=urn:btih: or xt=urn:btmh:.",
  },
} as const satisfies ErrorTable;
