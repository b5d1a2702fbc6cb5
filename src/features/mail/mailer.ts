/** The way to the mail server. It is loaded and connected when the first mail leaves. */
import type { Log } from "../../core/log.ts";
import { Hopeless } from "../../jobs/loop.ts";

export interface Address {
  readonly name?: string | undefined;
  readonly address: string;
}

export interface Mail {
  readonly to: Address;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Without its angle brackets; the same for every attempt, so that mailboxes can drop a second copy. */
  readonly messageId: string;
  /** What it answers to: mails of one thread name the same. */
  readonly thread?: string | undefined;
  /** Where one click ends such mails (RFC 8058). */
  readonly unsubscribeUrl: string;
}

export interface Mailer {
  /** Settles when the mail server has taken the mail. Throws Hopeless where it will never take it. */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

export interface MailerOptions {
  readonly smtpUrl: string;
  readonly from: Address;
  readonly log: Log;
}

const connectMs = 10_000;
const silenceMs = 30_000;
const connections = 4;

export function createMailer({ smtpUrl, from, log }: MailerOptions): Mailer {
  const open = async () => {
    // The package's front door brings ways to send that nobody takes here: 1 MB of the executable.
    const [{ default: Mailer }, { default: Pool }] = await Promise.all([
      import("nodemailer/lib/mailer"),
      import("nodemailer/lib/smtp-pool"),
    ]);
    const options = {
      url: smtpUrl,
      maxConnections: connections,
      // Each attempt is a job's own: what was cut off is not sent again behind its back.
      maxRequeues: 0,
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: silenceMs,
      // A mail is what it is given, and nothing that it names.
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    const transport = new Mailer(new Pool(options), options);
    transport.on("error", (error: Error) => log.debug({ err: error }, "the link to the mail server ended"));
    return transport;
  };
  let opened: ReturnType<typeof open> | undefined;

  return {
    async send({ to, subject, text, html, messageId, thread, unsubscribeUrl }) {
      opened ??= open();
      const transport = await opened;
      const answers = thread === undefined ? {} : { inReplyTo: `<${thread}>`, references: `<${thread}>` };
      try {
        await transport.sendMail({
          from: { name: from.name ?? "", address: from.address },
          to: { name: to.name ?? "", address: to.address },
          subject,
          text,
          html,
          messageId: `<${messageId}>`,
          ...answers,
          headers: {
            "List-Unsubscribe": `<${unsubscribeUrl}>`,
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
          },
        });
      } catch (error) {
        throw isRefusal(error) ? new Hopeless(`the mail server refused: ${textOf(error)}`, { cause: error }) : error;
      }
    },
    async close() {
      const transport = await opened?.catch(() => undefined);
      transport?.close();
    },
  };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A 5xx is the server's last word on this mail (RFC 5321, 4.2.1). One on signing in is about the server's settings, which
 * somebody will mend.
 */
function isRefusal(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { responseCode, code }: { responseCode?: unknown; code?: unknown } = error;
  return typeof responseCode === "number" && responseCode >= 500 && code !== "EAUTH" && code !== "ENOAUTH";
}
