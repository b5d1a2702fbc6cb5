/** `taskwire health`: asks the server of this configuration whether it can serve requests. */
import { loadConfig } from "../core/config.ts";
import { localUrl } from "../core/local-url.ts";

const deadlineMs = 3000;

export async function health(): Promise<number> {
  const url = `${localUrl(loadConfig(process.env))}/health/ready`;
  try {
    // The certificate is for the public name; here only our own machine is asked.
    const answer = await fetch(url, { signal: AbortSignal.timeout(deadlineMs), tls: { rejectUnauthorized: false } });
    const body = await answer.text();
    console.log(body);
    return answer.ok ? 0 : 1;
  } catch (error) {
    console.error(`taskwire: no answer from ${url} (${error instanceof Error ? error.message : String(error)}).`);
    return 1;
  }
}
