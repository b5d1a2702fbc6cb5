/** Markdown as HTML: what it makes, and what nobody can make it make. */
import { describe, expect, test } from "bun:test";
import { allowedAttributes, allowedTags, renderMarkdown, safeHref } from "../../src/web/drawer/markdown.ts";
import { describeBoard, makeTask } from "./boards.ts";
import { corpus } from "./drawer-corpus.ts";
import { openTask } from "./drawer-open.ts";

/** What stands in HTML that should not; read as browsers do, by the angle brackets alone. */
function trespasses(html: string): string[] {
  const found: string[] = [];
  for (const [whole, name = "", rest = ""] of html.matchAll(/<([^\s/>]*)\/?([^>]*)>?/g)) {
    if (whole.startsWith("</")) continue;
    if (!allowedTags.includes(name)) found.push(whole);
    const left = rest.replace(/\s([a-z]+)="([^"<>]*)"/g, (_, attribute: string, value: string) => {
      const known = allowedAttributes.includes(attribute);
      const leads = attribute === "href" && !/^(https?:\/\/|mailto:)/.test(value);
      return known && !leads ? "" : ` ${attribute}!`;
    });
    if (left.trim() !== "") found.push(whole);
  }
  return found;
}

describe("Markdown", () => {
  test("the check of this file finds what it is there for", () => {
    expect(trespasses(`<p>a</p><script>x</script>`)).toEqual(["<script>"]);
    expect(trespasses(`<a href="javascript:x">`)).toHaveLength(1);
    expect(trespasses(`<p onclick="x">`)).toHaveLength(1);
    expect(trespasses(`<a href="https://example.org/" rel="noopener" onclick=x>`)).toHaveLength(1);
    expect(trespasses(`<p`)).toEqual([]);
    expect(trespasses(`<a href="https://example.org/" rel="noopener">a</a>`)).toEqual([]);
  });

  test.each(corpus)("makes nothing but the tags it may of %j", (text) => {
    expect(trespasses(renderMarkdown(text))).toEqual([]);
  });

  test("links lead to the web and to mail, whole addresses only", () => {
    expect(safeHref("https://example.org/a?b=c&d")).toBe("https://example.org/a?b=c&d");
    expect(safeHref("mailto:ana@example.org")).toBe("mailto:ana@example.org");
    expect(safeHref("HTTP://example.org")).toBe("http://example.org/");
    for (const href of [
      "javascript:x",
      " java\nscript:x",
      "data:text/html,x",
      "ftp://example.org",
      "/api",
      "//x.example",
      "x",
    ]) {
      expect(safeHref(href)).toBeUndefined();
    }
  });

  test("becomes what its author meant", () => {
    expect(renderMarkdown("**a** _b_ ~~c~~ `d`")).toBe(
      "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>\n",
    );
    expect(renderMarkdown("one\ntwo")).toBe("<p>one<br>two</p>\n");
    expect(renderMarkdown("# Big")).toBe("<h3>Big</h3>\n");
    expect(renderMarkdown("- [x] a\n- [ ] b")).toContain(`<span class="tick">☑</span>`);
    expect(renderMarkdown("1 < 2 & 3")).toBe("<p>1 &lt; 2 &amp; 3</p>\n");
    expect(renderMarkdown("@[Ana Kovač](01950000-0000-7000-8000-000000000001)!")).toBe(
      `<p><span class="mention">@Ana Kovač</span>!</p>\n`,
    );
    expect(renderMarkdown("see https://example.org")).toBe(
      `<p>see <a href="https://example.org/" target="_blank" rel="noopener noreferrer nofollow">https://example.org</a></p>\n`,
    );
    expect(renderMarkdown("![plan](https://example.org/plan.png)")).toBe(
      `<p><a href="https://example.org/plan.png" target="_blank" rel="noopener noreferrer nofollow">plan</a></p>\n`,
    );
  });
});

describeBoard("Markdown in the browser", (stage) => {
  test("runs no script, asks nobody else for anything and makes no element it may not, in descriptions and comments", async () => {
    const [ana, project] = await stage.oneAtABoard([]);
    const { page } = ana;
    const foreign: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(stage.server.url)) foreign.push(request.url());
    });
    await page.addInitScript(() => {
      Object.assign(window, { ran: () => document.documentElement.setAttribute("data-ran", "") });
    });
    const task = await makeTask(ana, project, { title: corpus[0] ?? "", description: corpus.join("\n\n") });
    for (const content of corpus) await ana.call("POST", `/api/tasks/${task.id}/comments`, { content });
    const drawer = await openTask(ana, stage.server.url, task);
    await drawer.locator(".comment .markdown:not(.plain-text)").first().waitFor();
    const earlier = drawer.getByRole("button", { name: "Show earlier comments" });
    while ((await drawer.locator(".comment").count()) < corpus.length) {
      const shown = await drawer.locator(".comment").count();
      await earlier.click();
      await page.waitForFunction((count) => document.querySelectorAll(".comment").length > count, shown);
    }
    const made = await drawer.locator(".markdown").evaluateAll((all) =>
      all
        .flatMap((markdown) => [...markdown.querySelectorAll("*")])
        .map(({ localName, attributes }) => ({
          name: localName,
          attributes: [...attributes].map(({ name }) => name),
          href: [...attributes].find(({ name }) => name === "href")?.value ?? "https:",
        })),
    );
    expect(made.length).toBeGreaterThan(corpus.length);
    for (const { name, attributes, href } of made) {
      expect(allowedTags).toContain(name);
      for (const attribute of attributes) expect(allowedAttributes).toContain(attribute);
      expect(href).toMatch(/^(https?|mailto):/);
    }
    for (const link of await drawer.locator(".markdown a").all()) await link.hover({ timeout: 5000 });
    expect(await page.locator("html[data-ran]").count()).toBe(0);
    expect(foreign).toEqual([]);
  });
});
