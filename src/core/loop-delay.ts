/** How late the event loop is: a timer that looks at how much later than wanted it was called. */
import { type Meter, record } from "./meter.ts";

const intervalMs = 100;

/** Answers a function that ends it. Real time, whatever a test's clock says: it is this process that is measured. */
export function watchLoopDelay(meter: Pick<Meter, "loopDelaySeconds">): () => void {
  let calledAtMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    record(meter.loopDelaySeconds, Math.max(0, nowMs - calledAtMs - intervalMs) / 1000);
    calledAtMs = nowMs;
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
