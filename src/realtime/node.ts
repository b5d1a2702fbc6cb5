/** One node's live half, wired: commits → relay → hub, wakes to and from the other nodes, the poll that repairs. */
import { createCaches, type MakeCache } from "../core/cache.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type Meter, record } from "../core/meter.ts";
import type { CommittedEvent, Store } from "../db/context.ts";
import type { Database } from "../db/open.ts";
import type { EventData } from "../protocol/catalogue.ts";
import { closeCodes } from "../protocol/errors.ts";
import { isRoom, projectRoom, type RoomName, roomId, roomKind, userRoom } from "../protocol/rooms.ts";
import { createAccess } from "./access.ts";
import type { Broker } from "./broker/broker.ts";
import { createHub, type HubHooks } from "./hub.ts";
import { createLane } from "./lane.ts";
import { createLeaving } from "./leaving.ts";
import type { Live } from "./live.ts";
import { encodeFrame, isStructural, readSince } from "./log.ts";
import { createPeers, type Peers } from "./peers.ts";
import { timePublication } from "./publish-lag.ts";
import { createRelay, type Head } from "./relay.ts";
import type { Publisher } from "./transport/transport.ts";

export interface Node {
  readonly live: Live;
  readonly store: Store;
  /** An ephemeral frame to everyone who hears the room, on every node; may be lost. */
  cast(room: RoomName, frame: string): void;
  readonly peers: Peers;
  /** For what this process remembers of the database; its figures are the meter's. */
  readonly makeCache: MakeCache;
  /** A person's row was changed here: the other nodes forget what they remember of them. */
  personChanged(userId: string): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly database: Database;
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Does this process run jobs? The others are told. */
  readonly runsJobs?: boolean;
  /** A connection left a room: presence and typing follow. */
  readonly left: HubHooks["left"];
  /** A sign-in ended: its connections hear of it and are closed. `sessionId` null: all of the person's. */
  readonly sessionEnded: (userId: string, sessionId: string | null) => void;
  /** Another node changed a person, or a sign-in of theirs ended: what is remembered of them is old. Must not throw. */
  readonly personChanged?: (userId: string) => void;
  /** This process committed these. Must not throw. */
  readonly committed?: (events: readonly CommittedEvent[]) => void;
  /**
   * A room's log grew to `seq`, here or at another node; by which event, where that is known. Whoever makes something else
   * of projects' events may look. Must not throw.
   */
  readonly grown?: (roomId: string, seq: number, event?: string) => void;
  /** Does another server live on this database, whether it is heard or not? */
  readonly others?: () => boolean;
  /** Wakes may have been lost. Must not throw. */
  readonly recovered?: () => void;
}

/** While wakes may be lost the log is looked at so often: what was revoked on another node bites here within a second (S10). */
const tickMs = 400;
/** Ticks between two looks while other nodes are there: of a single wake that is lost nobody hears. Still within a second. */
const lookAmongOthers = 2;
const lookAlone = 12;

export function createNode(options: NodeOptions): Node {
  const { database, broker, publisher, clock, log, meter } = options;
  const lag = timePublication(meter);
  const makeCache = createCaches(clock, meter);
  const access = createAccess(database, makeCache);
  const failed = (error: unknown): void =>
    log.warn({ err: error }, "the log could not be read; the next poll tries again");

  const hub = createHub(publisher, {
    meter,
    roomOpened(room) {
      relay.follow(room);
      // From here on its events say what changes; until here only the node that changed it could have told.
      access.forget(roomId(room));
    },
    roomClosed: (room) => relay.release(room),
    left: options.left,
  });

  const relay = createRelay({
    read: (roomId, after, limit) => database.guard(() => readSince(database, roomId, after, limit)),
    moved: (known) => database.guard(() => readMoved(database, known)),
    before(event) {
      if (event.event === "project_left") leave(event);
      if (!isStructural(event.event)) return;
      access.forget(event.roomId);
      // Evicted first: whoever is removed hears nothing of the room any more, this event included (S10).
      if (event.event === "member_removed") {
        const { member_id }: EventData<"member_removed"> = JSON.parse(event.data);
        hub.evict(event.room, member_id);
      }
    },
    publish(event) {
      hub.publish(event.room, encodeFrame(event));
      lag.published(event);
      if (event.event === "project_deleted") hub.close(event.room);
      if (event.event === "session_ended") {
        const { session_id }: EventData<"session_ended"> = JSON.parse(event.data);
        options.personChanged?.(event.roomId);
        options.sessionEnded(event.roomId, session_id);
      }
    },
    restarted(room: RoomName) {
      for (const connection of [...hub.members(room)]) connection.close(closeCodes.restart, "the log was restored");
    },
    failed,
    gapFound: () => void meter.gaps++,
    gapFilled(events) {
      meter.eventsRead += events;
      log.debug({ events }, "gap filled from the log");
    },
  });

  const leave = createLeaving(database, { relay, hub, access });

  const committed = (events: readonly CommittedEvent[]): void => {
    for (const event of events) {
      if (isStructural(event.event)) {
        access.forget(event.roomId);
        tellToForget(projectRoom(event.roomId));
      } else if (event.event === "session_ended") tellToForget(userRoom(event.roomId));
    }
    const last = events.at(-1);
    if (last && relay.delivered(last.room) !== undefined) lag.committed(last);
    relay.committed(events);
    broker.tell(events);
    options.committed?.(events);
    grown(events);
  };
  const grown = (events: readonly CommittedEvent[]): void => {
    if (!options.grown) return;
    for (const { room, roomId, seq, event } of events)
      if (roomKind(room) === "project") options.grown(roomId, seq, event);
  };

  const lane = createLane({
    database,
    committed,
    ran(commands, waiting, seconds) {
      record(meter.laneBatch, commands);
      record(meter.laneSeconds, seconds);
      meter.laneWaiting = waiting;
    },
  });
  const peers = createPeers({
    clock,
    cast: (text) => broker.cast("nodes", text),
    jobs: options.runsJobs ?? false,
    connected: broker.connected,
    failed: (error) => log.warn({ err: error }, "what another node said was not understood"),
  });
  /** Those who hear the room will know by its events, in order; this is for the others, and may be lost. */
  const tellToForget = (room: RoomName): void => peers.tell("forget", room);
  peers.heard("forget", (_node, room) => {
    if (!isRoom(room)) return;
    if (roomKind(room) === "project") access.forget(roomId(room));
    else options.personChanged?.(roomId(room));
  });
  let polling = false;
  const poll = (): void => void relay.poll().catch(failed);
  /** A database that is slow is not asked twice at a time. */
  const look = (): void => {
    if (polling) return;
    polling = true;
    void relay
      .poll()
      .catch(failed)
      .finally(() => {
        polling = false;
      });
  };
  let stopTicking = (): void => {};
  let stopListening = (): void => {};

  return {
    live: { lane, relay, hub, access },
    store: { database, committed },
    cast(room, frame) {
      hub.publish(room, frame);
      broker.cast(room, frame);
    },
    peers,
    makeCache,
    personChanged: (userId) => tellToForget(userRoom(userId)),
    async start() {
      await broker.start({
        wake(roomId, seq) {
          relay.wake(roomId, seq);
          options.grown?.(roomId, seq);
        },
        told(events) {
          relay.told(events);
          grown(events);
        },
        cast(target, frame) {
          if (isRoom(target)) hub.publish(target, frame);
          else if (target === "nodes") peers.receive(frame);
        },
        recovered() {
          poll();
          peers.recovered();
          options.recovered?.();
        },
        unheard: look,
      });
      peers.start();
      let ticks = 0;
      stopTicking = clock.setInterval(() => {
        ticks++;
        // There may be one that never was heard: that can write and not speak, or is woken in another way.
        const others = peers.live().length > 0 || options.others?.() === true;
        if (ticks % (others ? lookAmongOthers : lookAlone) === 0 || !broker.healthy()) look();
      }, tickMs);
      // During an outage commits may have gone unheard, and roles may have changed on another node.
      stopListening = database.onUp(() => {
        access.clear();
        poll();
      });
    },
    async stop() {
      stopTicking();
      stopListening();
      peers.stop();
      await lane.drain();
      relay.stop();
      await broker.stop();
    },
  };
}

const movedSql = `select r.id, r.seq, r.epoch
  from unnest($1::uuid[], $2::bigint[], $3::text[]) as k(id, seq, epoch) join rooms r on r.id = k.id
  where r.seq <> k.seq or r.epoch <> k.epoch`;

async function readMoved(database: Database, known: readonly Head[]): Promise<Head[]> {
  const list = (values: readonly (string | number)[]): string =>
    `{${values.map((value) => JSON.stringify(`${value}`)).join()}}`;
  const rows = await database.sql.unsafe<Head[]>(
    movedSql,
    [list(known.map(({ id }) => id)), list(known.map(({ seq }) => seq)), list(known.map(({ epoch }) => epoch))],
    { prepare: true },
  );
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
