/** The first database: an image of an empty cluster (made by .ci/seed-image.ts), because initdb takes seconds and 1 GB. */
import { closeSync, fsync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import imageFile from "./seed.tar.zst" with { type: "file" };

const fsyncSoon = promisify(fsync);

/** Files that are open at a time: a system's default limit is 1024, or 256. */
const together = 96;

/** Makes the cluster in `folder`. A crash leaves either nothing there or all of it, durably. */
export async function plantSeed(folder: string): Promise<void> {
  const growing = `${folder}.new`;
  rmSync(growing, { recursive: true, force: true });
  mkdirSync(growing, { mode: 0o700 });
  const folders = [growing];
  let open: number[] = [];
  // Many at once: the disk makes them durable together, which takes a third of the time of one after the other.
  const settle = async () => {
    const fds = open;
    open = [];
    try {
      await Promise.all(fds.map((fd) => fsyncSoon(fd)));
    } finally {
      for (const fd of fds) closeSync(fd);
    }
  };
  try {
    for (const { name, content } of readTar(Bun.zstdDecompressSync(readFileSync(imageFile)))) {
      const path = join(growing, name);
      if (content) {
        const fd = openSync(path, "wx", 0o600);
        open.push(fd);
        writeWhole(fd, content);
      } else {
        mkdirSync(path, { recursive: true, mode: 0o700 });
        folders.push(path);
      }
      if (open.length === together) await settle();
    }
  } finally {
    await settle();
  }
  for (const path of folders.reverse()) syncFolder(path);
  renameSync(growing, folder);
  syncFolder(dirname(folder));
}

function writeWhole(fd: number, content: Uint8Array): void {
  for (let written = 0; written < content.length; ) written += writeSync(fd, content, written);
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
    writeWhole(fd, content);
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
