// Mail (RFC 5322, MIME) and mailboxes: attachments are text, in base64 or quoted-printable, and hide from patterns (H110).

import { MemorySource, type Source } from "../source.ts";
import { type Container, type Opening, UnopenedFormat } from "./container.ts";

const MAIL_BYTES_MAX = 64 * 1024 * 1024;
const HEADER =
  /^(?:From \S+ .*\r?\n)?(?:Received|Return-Path|From|To|Subject|Date|Message-ID|MIME-Version|Content-Type|Delivered-To|X-[\w-]+): /iu;
const ENCODING = /^content-transfer-encoding:[ \t]*(base64|quoted-printable)/gimu;

export const MAIL: Container = {
  name: "mail",
  recognises(source) {
    const head = Buffer.from(source.read({ beginBytes: 0, lengthBytes: 4096 })).toString("latin1");
    return HEADER.test(head) && /^(?:mime-version|content-type|message-id|received|date):/imu.test(head);
  },
  open: openMail,
};

async function openMail(source: Source, opening: Opening): Promise<void> {
  if (source.bytes > MAIL_BYTES_MAX) throw new UnopenedFormat("It is a mailbox too large for the built-in scanner.");
  const text = Buffer.from(source.read({ beginBytes: 0, lengthBytes: source.bytes })).toString("latin1");
  for (const match of text.matchAll(ENCODING)) {
    opening.entry();
    const after = match.index + match[0].length;
    const headersEnd = /\r?\n[ \t]*\r?\n/u.exec(text.slice(after, after + 64 * 1024));
    if (!headersEnd) continue;
    const begin = after + headersEnd.index + headersEnd[0].length;
    const body = bodyAt(text, begin);
    const content = match[1]?.toLowerCase() === "base64" ? Buffer.from(body, "base64") : unquote(body);
    opening.budget.unpacked(content.length);
    await opening.member({
      name: attachmentName(text, match.index) ?? "attachment",
      content: new MemorySource(content),
    });
  }
}

// A part ends at a boundary line or at the next message of a mailbox.
function bodyAt(text: string, begin: number): string {
  const end = /\r?\n(?:--|From )/u.exec(text.slice(begin));
  return end ? text.slice(begin, begin + end.index) : text.slice(begin);
}

function attachmentName(text: string, at: number): string | undefined {
  const begin = Math.max(0, text.lastIndexOf("\n\n", at), text.lastIndexOf("\r\n\r\n", at));
  const headers = text.slice(begin, at + 2048).split(/\r?\n\r?\n/u);
  return /(?:file)?name="?([^"\r\n;]{1,255})"?/iu.exec(headers.slice(0, 2).join("\n"))?.[1];
}

function unquote(text: string): Buffer {
  const joined = text.replaceAll(/=\r?\n/gu, "");
  return Buffer.from(
    joined.replaceAll(/=([0-9A-Fa-f]{2})/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}
