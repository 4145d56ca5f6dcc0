// What lies in a folder, without following links.

export type ListedKind = "file" | "folder" | "link" | "special";

export type Listed = {
  readonly name: string;
  readonly kind: ListedKind;
  readonly bytes: number;
  readonly modifiedMs: number;
};

export interface Listing {
  /** Undefined when nothing is there, or when it may not be looked at. */
  look(path: string): Promise<Listed | undefined>;
  /** The folder's own entries; empty when it cannot be read. */
  list(folder: string): Promise<readonly Listed[]>;
}
