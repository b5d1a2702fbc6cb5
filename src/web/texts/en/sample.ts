/** What the sample project says: a board as a small team might have it a fortnight before a launch. */
import type { Priority } from "../../../protocol/tasks.ts";

interface SampleTask {
  readonly title: string;
  readonly description?: string;
  /** Of the columns that every new project has. */
  readonly status: "todo" | "in_progress" | "review" | "completed";
  readonly priority?: Priority;
  /** Days from today, negative for past ones; with `atHour` at that hour of the person's day. */
  readonly dueInDays?: number;
  readonly atHour?: number;
  readonly labels?: readonly string[];
  /** Assigned to whoever makes the project. */
  readonly mine?: boolean;
  readonly checklist?: readonly (readonly [title: string, done: boolean])[];
  readonly comments?: readonly string[];
  /** Waits for the task with this place in the list, counted from 0. */
  readonly waitsFor?: number;
}

interface Sample {
  readonly name: string;
  readonly key: string;
  readonly description: string;
  readonly labels: readonly { readonly name: string; readonly color: string }[];
  readonly tasks: readonly SampleTask[];
}

export const sample: Sample = {
  name: "New website",
  key: "WEB",
  description: "A sample project. Try everything on it; delete it in its settings when you have seen enough.",
  labels: [
    { name: "Design", color: "#8250df" },
    { name: "Content", color: "#1a7f37" },
    { name: "Bug", color: "#cf222e" },
    { name: "Launch", color: "#bc4c00" },
  ],
  tasks: [
    {
      title: "Agree on what the site is for",
      description:
        "One sentence that everybody can repeat:\n\n> Visitors find our opening hours and book a table in a minute.",
      status: "completed",
      dueInDays: -9,
      labels: ["Content"],
      mine: true,
      comments: ["Agreed with everybody on Monday. The sentence is in the description."],
    },
    {
      title: "Collect photos and texts",
      status: "completed",
      dueInDays: -4,
      labels: ["Content"],
      checklist: [
        ["Photos of the rooms", true],
        ["Portraits of the team", true],
        ["Menu as text, not as a picture", true],
      ],
    },
    {
      title: "Design the home page",
      description: "Two drafts: **calm** and **bold**. Both for a phone first, then for a wide screen.",
      status: "review",
      priority: "high",
      dueInDays: 1,
      labels: ["Design"],
      mine: true,
      checklist: [
        ["Phone, 360 px", true],
        ["Wide screen", true],
        ["Dark theme", false],
      ],
      comments: [
        "The calm draft is ready to be looked at.",
        "On a small phone the button *Book a table* should be seen without scrolling.",
      ],
    },
    {
      title: "The contact form loses the message when the e-mail address is wrong",
      description:
        "1. Write a message\n2. Mistype the address\n3. Send\n\nThe form comes back **empty**. It should keep the message.",
      status: "in_progress",
      priority: "urgent",
      dueInDays: 0,
      atHour: 17,
      labels: ["Bug"],
      mine: true,
      comments: ["It happens in every browser, so it is the server's answer, not the page."],
    },
    {
      title: "Write the page “About us”",
      status: "in_progress",
      priority: "medium",
      dueInDays: 3,
      labels: ["Content"],
    },
    {
      title: "Send the logo to the print shop",
      description: "They need it as a vector file, in one colour.",
      status: "todo",
      priority: "high",
      dueInDays: -1,
      labels: ["Design"],
      mine: true,
    },
    {
      title: "Let five people try it",
      description: "Watch, do not help. Ask each of them to book a table for two on Friday.",
      status: "todo",
      priority: "medium",
      dueInDays: 5,
      waitsFor: 2,
      checklist: [
        ["Ask five guests", false],
        ["Write down where they get stuck", false],
      ],
    },
    {
      title: "Move the old news over",
      status: "todo",
      priority: "low",
      dueInDays: 8,
      labels: ["Content"],
    },
    {
      title: "Point the domain at the new server",
      status: "todo",
      priority: "high",
      dueInDays: 12,
      atHour: 7,
      labels: ["Launch"],
      waitsFor: 6,
    },
    {
      title: "Tell everybody, and celebrate",
      status: "todo",
      dueInDays: 13,
      labels: ["Launch"],
      waitsFor: 8,
    },
  ],
};
