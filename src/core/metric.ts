/** What a metric is, and where its value may be read. */
import type { Distribution, Meter } from "./meter.ts";

/** Connections of a database pool. */
export interface PoolLoad {
  /** Made. */
  readonly open: number;
  /** Held by a statement or a transaction. */
  readonly used: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
  /** How many may be made. */
  readonly max: number;
}

/** What is not counted but looked at when somebody asks. Given by the application. */
export interface Gauges {
  readonly version: string;
  readonly database: "postgres" | "embedded";
  /** Open sockets, also those that have not authenticated. */
  readonly connections: () => number;
  /** People connected. */
  readonly people: () => number;
  /** Connections by the project they joined. */
  readonly projects: () => ReadonlyMap<string, number>;
  readonly databaseUp: () => boolean;
  readonly pool: () => PoolLoad;
}

export interface Sources extends Gauges {
  readonly meter: Meter;
}

type Labels = Readonly<Record<string, string>>;
export type Sample<Value> = readonly [value: Value, labels: Labels];

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Numbers extends Described {
  readonly type: "counter" | "gauge";
  readonly read: (sources: Sources) => number | Iterable<Sample<number>>;
}

export interface Distributions extends Described {
  readonly type: "histogram";
  readonly read: (sources: Sources) => Distribution | Iterable<Sample<Distribution>>;
}

export type Metric = Numbers | Distributions;
