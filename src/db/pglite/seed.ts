/** The first database: an image of an empty cluster (made by .ci/seed-image.ts), because initdb takes seconds and 1 GB. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import imageFile from "./seed.tar.zst" with { type: "file" };

/** Makes the cluster in `folder`. A crash leaves either nothing there or all of it, durably. */
export function plantSeed(folder: string): void {
  const growing = `${folder}.new`;
  rmSync(growing, { recursive: true, force: true });
  mkdirSync(growing, { mode: 0o700 });
  const folders = [growing];
  for (const entry of readTar(Bun.zstdDecompressSync(readFileSync(imageFile)))) {
    const path = join(growing, entry.name);
    if (entry.content) {
      writeDurably(path, entry.content);
    } else {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      folders.push(path);
    }
  }
  for (const path of folders.reverse()) syncFolder(path);
  renameSync(growing, folder);
  syncFolder(dirname(folder));
}

/** Makes names in a folder durable; Windows has no such thing. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function writeDurably(path: string, content: Uint8Array): void {
  const fd = openSync(path, "wx", 0o600);
  try {
    for (let written = 0; written < content.length; ) written += writeSync(fd, content, written);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

interface Entry {
  name: string;
  /** Absent for a folder. */
  content?: Uint8Array;
}

/** Files and folders of a ustar archive. Source: POSIX.1-2001 pax, "ustar Interchange Format". */
function* readTar(archive: Uint8Array): Generator<Entry> {
  const block = 512;
  const field = (at: number, length: number) => {
    const bytes = archive.subarray(at, at + length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  };
  for (let at = 0; at + block <= archive.length; ) {
    const name = field(at, 100).replace(/^[./]+/, "");
    if (field(at, 100) === "") return;
    const size = Number.parseInt(field(at + 124, 12), 8);
    const isFolder = field(at + 156, 1) === "5";
    if (name !== "") yield isFolder ? { name } : { name, content: archive.subarray(at + block, at + block + size) };
    at += block + Math.ceil(size / block) * block;
  }
}
