/** Engine.IO by hand: polls, posts and WebSocket frames, so that a test sees every packet. */

export interface EngineReply {
  readonly status: number;
  readonly text: string;
}

export interface EngineWire {
  /** A request at the path; `query` goes behind `EIO=4`. */
  ask(method: string, query: string, body?: string, headers?: Readonly<Record<string, string>>): Promise<EngineReply>;
  /** Opens a session by polling; answers its id. */
  open(headers?: Readonly<Record<string, string>>): Promise<string>;
  poll(sid: string): Promise<EngineReply>;
  post(sid: string, body: string): Promise<EngineReply>;
  /** A WebSocket; `sid` of the session it is to take over. */
  socket(sid?: string): EngineWebSocket;
}

export interface EngineWebSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** The next frame that was not taken yet; bytes as a Uint8Array. Rejects where the socket closes before. */
  next(): Promise<string | Uint8Array>;
  /** The next that is no ping. */
  nextBut(ping: string): Promise<string | Uint8Array>;
  readonly opened: Promise<void>;
  /** The close code. */
  readonly closed: Promise<number>;
  close(): void;
}

export function engineWire(url: string, path: string): EngineWire {
  const at = (query: string): string => `${url}${path}?EIO=4&${query}`;
  const ask: EngineWire["ask"] = async (method, query, body, headers) => {
    const response = await fetch(at(query), {
      method,
      ...(body !== undefined && { body }),
      ...(headers && { headers }),
    });
    return { status: response.status, text: await response.text() };
  };
  return {
    ask,
    async open(headers) {
      const { text } = await ask("GET", "transport=polling", undefined, headers);
      const { sid }: { sid: string } = JSON.parse(text.slice(1));
      return sid;
    },
    poll: (sid) => ask("GET", `transport=polling&sid=${sid}`),
    post: (sid, body) => ask("POST", `transport=polling&sid=${sid}`, body),
    socket: (sid) =>
      openSocket(at(`transport=websocket${sid === undefined ? "" : `&sid=${sid}`}`).replace("http", "ws")),
  };
}

function openSocket(url: string): EngineWebSocket {
  const ws = new WebSocket(url);
  ws.binaryType = "arraybuffer";
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  const frames: (string | Uint8Array)[] = [];
  const waiters: ReturnType<typeof Promise.withResolvers<string | Uint8Array>>[] = [];
  ws.addEventListener("open", () => opened.resolve());
  ws.addEventListener("message", ({ data }) => {
    const frame = typeof data === "string" ? data : new Uint8Array(data);
    const waiter = waiters.shift();
    if (waiter) waiter.resolve(frame);
    else frames.push(frame);
  });
  ws.addEventListener("close", ({ code }) => {
    closed.resolve(code);
    for (const waiter of waiters.splice(0)) waiter.reject(new Error(`closed with ${code}`));
  });
  const next: EngineWebSocket["next"] = () => {
    const frame = frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    const waiter = Promise.withResolvers<string | Uint8Array>();
    waiters.push(waiter);
    return waiter.promise;
  };
  return {
    send: (data) => ws.send(data),
    next,
    async nextBut(ping) {
      let frame = await next();
      while (frame === ping) frame = await next();
      return frame;
    },
    opened: opened.promise,
    closed: closed.promise,
    close: () => ws.close(),
  };
}
