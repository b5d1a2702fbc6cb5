/** Serves the files of the page from a table in memory: no path of a request ever reaches the disk. */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import { AppError } from "../protocol/errors.ts";

export interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The Content-Type. */
  readonly type: string;
  /** Its name changes with its content (it holds a hash), so it may be kept for ever. */
  readonly immutable: boolean;
  /** Compressed beforehand, by encoding; what is missing is compressed when it is first asked for. */
  readonly packed?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Path with a leading slash → file. */
export type AssetTable = ReadonlyMap<string, Asset>;

export interface Assets {
  /** Undefined where the table has no such path. Throws `method_not_allowed` for what is no reading. */
  respond(request: Request, path: string): Promise<Response | undefined>;
  /** The file at `path` with the status 404, for a browser that was led to a place that is none; undefined for programs. */
  respondMissing(request: Request, path: string): Promise<Response | undefined>;
  /** Packs every file for most clients. */
  warm(): Promise<void>;
}

type Encoding = "br" | "zstd" | "gzip";

/** Best first: what a client takes with equal weight is answered in this order. */
const encodings: readonly Encoding[] = ["br", "zstd", "gzip"];
const compressible = /^(text\/|image\/svg|application\/(javascript|json|manifest|wasm|xml))/;
const minCompressedBytes = 512;

const compress: Record<Encoding, (bytes: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }).then(copy),
  zstd: (bytes) => promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }).then(copy),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }).then(copy),
};
const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

interface Variant {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly encoding: Encoding | undefined;
}

/**
 * Answers a function from a request and its path to the file's response; undefined where the table has no such path.
 * Throws `method_not_allowed` for anything but GET and HEAD. Each file is compressed once for each encoding, off the
 * event loop, when it is first asked for; `warm` does it beforehand.
 */
export function createAssets(table: AssetTable): Assets {
  const variants = new Map<string, Promise<Variant>>();
  const variantOf = (path: string, asset: Asset, encoding: Encoding | undefined): Promise<Variant> => {
    const key = `${encoding ?? ""} ${path}`;
    const variant = variants.get(key) ?? makeVariant(asset, encoding);
    variants.set(key, variant);
    return variant;
  };
  const variantFor = (request: Request, path: string, asset: Asset): Promise<Variant> => {
    const encoding = isCompressible(asset) ? bestEncoding(request.headers.get("accept-encoding") ?? "") : undefined;
    return variantOf(path, asset, encoding);
  };
  return {
    async respond(request: Request, path: string): Promise<Response | undefined> {
      const asset = table.get(path);
      if (!asset) return undefined;
      if (request.method !== "GET" && request.method !== "HEAD") {
        throw new AppError("method_not_allowed", "files can only be read", { allow: "GET, HEAD" });
      }
      return respondWith(request, asset, await variantFor(request, path, asset));
    },
    async respondMissing(request: Request, path: string): Promise<Response | undefined> {
      const asset = table.get(path);
      const isBrowser = request.method === "GET" && request.headers.get("accept")?.includes("text/html");
      if (!asset || !isBrowser) return undefined;
      const { bytes, encoding } = await variantFor(request, path, asset);
      // Kept by nobody: there may be something at this path tomorrow.
      const headers = new Headers({ "cache-control": "no-store", "content-type": asset.type, vary: "Accept-Encoding" });
      if (encoding) headers.set("content-encoding", encoding);
      return new Response(bytes, { status: 404, headers });
    },
    async warm(): Promise<void> {
      for (const [path, asset] of table) {
        await variantOf(path, asset, isCompressible(asset) ? encodings[0] : undefined);
      }
    },
  };
}

const isCompressible = ({ bytes, type }: Asset): boolean =>
  bytes.byteLength >= minCompressedBytes && compressible.test(type);

async function makeVariant({ bytes, packed }: Asset, encoding: Encoding | undefined): Promise<Variant> {
  const hash = Bun.hash.xxHash64(bytes).toString(36);
  if (encoding === undefined) return { bytes, encoding, etag: `"${hash}"` };
  return { bytes: packed?.get(encoding) ?? (await compress[encoding](bytes)), encoding, etag: `"${hash}-${encoding}"` };
}

function respondWith(request: Request, asset: Asset, { bytes, encoding, etag }: Variant): Response {
  const headers = new Headers({
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    "content-type": asset.type,
    etag,
    vary: "Accept-Encoding",
  });
  if (matches(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  if (encoding) headers.set("content-encoding", encoding);
  headers.set("content-length", String(bytes.byteLength));
  return new Response(request.method === "HEAD" ? null : bytes, { headers });
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((item) => item.trim() === "*" || item.trim().replace(/^W\//, "") === etag);
}

/** The encoding with the greatest weight among ours (RFC 9110, 12.5.3); undefined where none is accepted. */
function bestEncoding(accepted: string): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const item of accepted.toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  const weightOf = (encoding: Encoding): number => weights.get(encoding) ?? weights.get("*") ?? 0;
  let best: Encoding | undefined;
  for (const encoding of encodings) if (weightOf(encoding) > (best ? weightOf(best) : 0)) best = encoding;
  return best;
}
