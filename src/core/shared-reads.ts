/** Reads that many ask for at once: whoever comes while one runs shares the next, which begins after they asked. */
export type SharedReads<Value> = (key: string, read: () => Promise<Value>) => Promise<Value>;

interface Flight<Value> {
  readonly landed: Promise<void>;
  next: Promise<Value> | undefined;
}

export function createSharedReads<Value>(): SharedReads<Value> {
  const flights = new Map<string, Flight<Value>>();
  const begin = (key: string, read: () => Promise<Value>): Promise<Value> => {
    const result = read();
    const landed = result.then(
      () => {},
      () => {},
    );
    const flight: Flight<Value> = { landed, next: undefined };
    flights.set(key, flight);
    void landed.then(() => {
      if (!flight.next) flights.delete(key);
    });
    return result;
  };
  return (key, read) => {
    const flight = flights.get(key);
    if (!flight) return begin(key, read);
    // A result that was read before somebody asked might lack what that person has just written.
    flight.next ??= flight.landed.then(() => begin(key, read));
    return flight.next;
  };
}
