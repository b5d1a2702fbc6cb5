/** Text as pieces that fit into casts: packed, then in base64, which no JSON escapes however deep it is wrapped. */

/** A cast of PostgreSQL's NOTIFY holds 7,999 bytes; some are for what stands around a piece. */
const pieceLength = 6_500;

/** At least one. */
export function splitPieces(text: string): string[] {
  const packed = Buffer.from(Bun.deflateSync(Buffer.from(text), { level: 1 })).toString("base64");
  const pieces = [packed.slice(0, pieceLength)];
  for (let at = pieceLength; at < packed.length; at += pieceLength) pieces.push(packed.slice(at, at + pieceLength));
  return pieces;
}

/** Takes back `splitPieces`. Throws where it is none of that. */
export const joinPieces = (pieces: readonly string[]): string =>
  Buffer.from(Bun.inflateSync(Buffer.from(pieces.join(""), "base64"))).toString();

export const fitsPiece = (text: string): boolean => splitPieces(text).length === 1;
