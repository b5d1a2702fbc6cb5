/** The page at /docs: the same tables as the descriptions, for people. One document and one stylesheet, no script. */

import { customEvent } from "../protocol/custom-events.ts";
import { type Endpoint, scopeOf } from "../protocol/endpoint.ts";
import { errorReference } from "../protocol/error-reference.ts";
import { errorKinds } from "../protocol/errors.ts";
import { clientFrames } from "../protocol/frames.ts";
import {
  answerPayload,
  audiences,
  describeSocket,
  type Events,
  eventPayload,
  exampleOf,
  frameNames,
  framePayload,
  type SocketParts,
} from "./asyncapi.ts";
import { html, line, type Markup, prose } from "./markup.ts";
import { type Catalogue, codesOf, describeEndpoints, type HttpParts, retried } from "./openapi.ts";
import { httpAbout, socketAbout } from "./reference-about.ts";
import { chapters } from "./reference-chapters.ts";
import { frameSummaries } from "./reference-frames.ts";
import type { JsonSchema } from "./reference-schemas.ts";
import { fieldTable, schemaView } from "./reference-tables.ts";

export interface PageParts {
  readonly endpoints: Catalogue;
  readonly events: Events;
  readonly version: string;
  /** Path of the stylesheet. */
  readonly stylesheet: string;
}

/** The whole document. */
export function referencePage({ endpoints, events, version, stylesheet }: PageParts): string {
  const http = describeEndpoints(endpoints);
  const socket = describeSocket(events);
  const groups = [...Map.groupBy(Object.entries(endpoints), ([, { tag }]) => tag)].sort(
    ([a], [b]) => order.indexOf(a) - order.indexOf(b),
  );
  const components = { ...http.book.components, ...socket.book.components };
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Taskwire reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<a class="skip" href="#content">To the content</a>
${contents(groups, events, Object.keys(components))}
<main id="content">
<header><h1>Taskwire reference</h1>
<p>Version ${version}. For machines: <a href="/openapi.json">OpenAPI</a> of the routes, <a href="/asyncapi.json">AsyncAPI</a> of the socket.</p></header>
<section id="http"><h2>HTTP</h2>${prose(httpAbout)}
${groups.map(([tag, members]) => chapter(tag, members, http))}</section>
<section id="socket"><h2>Socket</h2>${prose(socketAbout)}
${frames(socket)}${eventList(events, socket)}</section>
${errors()}
<section id="schemas"><h2>Schemas</h2>${Object.entries(components)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, schema]) => html`<article id="schema-${name}"><h3>${name}</h3>${schemaView(schema)}</article>`,
    )}</section>
</main>
</body>
</html>
`;
  return page.html;
}

/** A tag with its endpoints, by their names. */
type Group = readonly [string, readonly [string, Endpoint][]];

const order = Object.keys(chapters);
const slug = (tag: string): string => tag.replaceAll(" ", "-");

const links = (items: readonly (readonly [string, string])[]): Markup =>
  html`<ul class="entries">${items.map(([id, text]) => html`<li><a class="entry" href="#${id}">${text}</a></li>`)}</ul>`;

const heading = (id: string, text: string, items: readonly (readonly [string, string])[]): Markup =>
  html`<li><a class="chapter" href="#${id}">${text}</a>${links(items)}</li>`;

const contents = (groups: readonly Group[], events: Events, components: readonly string[]): Markup => {
  const routes = groups.map(([tag, members]) =>
    heading(
      `tag-${slug(tag)}`,
      tag,
      members.map(([name, { summary }]) => [name, summary.replaceAll("`", "")]),
    ),
  );
  const eventNames = [...Object.keys(events), "x_…"];
  return html`<nav aria-label="Contents"><ul>
<li><a class="part" href="#http">HTTP</a><ul class="chapters">${routes}</ul></li>
<li><a class="part" href="#socket">Socket</a><ul class="chapters">
${heading(
  "frames",
  "Frames of a client",
  frameNames.map((name) => [`frame-${name}`, name]),
)}
${heading(
  "events",
  "Events",
  eventNames.map((name) => [`event-${name}`, name]),
)}</ul></li>
<li><a class="part" href="#errors">Errors</a>${links(Object.keys(errorKinds).map((code) => [`error-${code}`, code]))}</li>
<li><a class="part" href="#schemas">Schemas</a>${links([...components].sort().map((name) => [`schema-${name}`, name]))}</li>
</ul></nav>`;
};

const chapter = (tag: string, members: readonly [string, Endpoint][], parts: HttpParts): Markup =>
  html`<section id="tag-${slug(tag)}"><h3>${tag}</h3><p>${line(chapters[tag] ?? "")}</p>${members.map(
    ([name, endpoint]) => route(name, endpoint, parts),
  )}</section>`;

const example = (value: unknown): Markup =>
  html`<details><summary>Example</summary><pre><code>${JSON.stringify(value, null, 2)}</code></pre></details>`;

const part = (title: string, schema: JsonSchema, value: unknown): Markup =>
  html`<h5>${title}</h5>${schemaView(schema)}${value !== undefined && example(value)}`;

function route(name: string, endpoint: Endpoint, { book, examples }: HttpParts): Markup {
  const { method, path, summary, description, query, body, answer, status = 200, media } = endpoint;
  const fields = query ? book.resolve(book.of(query)) : undefined;
  return html`<article id="${name}"><h4><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code></h4>
<p class="summary">${line(summary)}</p>${description !== undefined && prose(description)}
<p class="who">${callers(endpoint)}</p>
${fields && html`<h5>Query</h5>${fieldTable(fields)}`}
${body && part("Body", book.resolve(book.of(body)), examples.fitting(body))}
${answer ? part(`Answer ${status}`, book.of(answer), media ? undefined : examples.fitting(answer)) : html`<h5>Answer ${status}</h5><p>Without a body.</p>`}
<p class="codes">May be refused with ${codesOf(endpoint).map((code) => html`<a href="#error-${code}"><code>${code}</code></a> `)}</p></article>`;
}

function callers(endpoint: Endpoint): Markup {
  const { who = "caller", path } = endpoint;
  const key = scopeOf(endpoint);
  const keys =
    key === "session"
      ? "not by API keys"
      : key === "any"
        ? "also by any API key"
        : `also by API keys with the scope \`${key}\``;
  const whom = {
    anyone: "By anyone.",
    caller: `By whoever is signed in; ${keys}.`,
    administrator: `By administrators of the server; ${keys}.`,
  };
  const cookie = path.startsWith("/api/auth/") && who === "caller" ? "By the session cookie." : whom[who];
  const more = [
    retried(endpoint) && "Takes `Idempotency-Key`.",
    endpoint.ifMatch && "Takes `If-Match`.",
    endpoint.etag && "Answers `ETag`.",
  ].filter((text) => typeof text === "string");
  return line([cookie, ...more].join(" "));
}

const frames = (parts: SocketParts): Markup =>
  html`<section id="frames"><h3>Frames of a client</h3>${frameNames.map((name) => {
    const { data, answer } = clientFrames[name];
    return html`<article id="frame-${name}"><h4><code>${name}</code></h4><p class="summary">${line(frameSummaries[name])}</p>
<h5>Data</h5>${schemaView(parts.book.resolve(parts.book.of(data)))}${example(exampleOf(framePayload(name, parts), data, parts))}
<h5>Answer</h5>${schemaView(parts.book.of(answer))}${example(exampleOf(answerPayload(name, parts), answer, parts))}</article>`;
  })}</section>`;

const eventList = (events: Events, parts: SocketParts): Markup =>
  html`<section id="events"><h3>Events</h3>${Object.entries({ ...events, "x_…": customEvent }).map(
    ([name, event]) =>
      html`<article id="event-${name}"><h4><code>${name}</code></h4><p class="summary">${line(event.description)}</p>
<p class="who">${event.durable ? "Durable" : "May be lost"}; to ${audiences[event.audience]}.</p>
<h5>Data</h5>${schemaView(parts.book.of(event.data))}${example(exampleOf(eventPayload(name, event, parts), event.data, parts))}</article>`,
  )}</section>`;

const errors = (): Markup =>
  html`<section id="errors"><h2>Errors</h2>${Object.entries(errorReference).map(
    ([code, { meaning, cure, request, answer }]) =>
      html`<article id="error-${code}"><h3><code>${code}</code> <span class="status">${answer.status}</span></h3>
<p class="summary">${line(meaning)}</p><p>${line(cure)}</p><p class="who">For example <code>${request}</code></p>${example(answer)}</article>`,
  )}</section>`;
