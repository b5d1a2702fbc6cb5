/**
 * Events inside a payload: what stands around them in its JSON, their data behind it as it is, for it is JSON text that
 * would otherwise be escaped, and at every node unescaped. Their lengths cut it apart again.
 */
import type { CommittedEvent } from "../../db/context.ts";
import { isRoom, roomId } from "../../protocol/rooms.ts";

/** Room, epoch, seq, event, at, actor, mutation id, characters of data. */
export type ToldHead = readonly [string, string, number, string, string, string | null, string | null, number];

export interface Told {
  /** A ToldHead, as JSON text. */
  readonly head: string;
  readonly data: string;
  /** In UTF-8, of both and what stands between them. */
  readonly bytes: number;
}

/** Undefined where the event's epoch is not known: no other node could tell whether it is of its log. */
export function encodeTold(event: CommittedEvent): Told | undefined {
  const { room, epoch, seq, at, actor, mutationId, data } = event;
  if (epoch === undefined) return undefined;
  const head = JSON.stringify([room, epoch, seq, event.event, at, actor, mutationId, data.length] satisfies ToldHead);
  return { head, data, bytes: Buffer.byteLength(head) + Buffer.byteLength(data) + 1 };
}

/** Payloads of at most `payloadBytes` for all of them, in order; each is to fit by itself. */
export function packTold(start: string, all: readonly Told[], payloadBytes: number): string[] {
  const payloads: string[] = [];
  const around = start.length + 10;
  for (let from = 0; from < all.length; ) {
    let [heads, data, bytes, at] = ["", "", around, from];
    for (let told = all[at]; told && (at === from || bytes + told.bytes <= payloadBytes); told = all[++at]) {
      heads += at === from ? told.head : `,${told.head}`;
      data += told.data;
      bytes += told.bytes;
    }
    payloads.push(`${start},"e":[${heads}]}\n${data}`);
    from = at;
  }
  return payloads;
}

/** Takes `packTold` back. Throws where the data is not all there, or more. */
export function decodeTold(heads: readonly ToldHead[], text: string, dataAt: number): CommittedEvent[] {
  let at = dataAt;
  const events = heads.map(([room, epoch, seq, event, at_, actor, mutationId, length]): CommittedEvent => {
    if (!isRoom(room)) throw new Error("an event of another node has no room");
    const data = text.slice(at, at + length);
    at += length;
    return { room, roomId: roomId(room), seq, event, at: at_, actor, mutationId, data, epoch };
  });
  if (at !== text.length) throw new Error("events of another node came cut off");
  return events;
}
