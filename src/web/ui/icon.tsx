/** The page's icons: drawn for 16 px in the colour of the text around them, never alone without words for screen readers. */

/** Paths in a square of 16: strokes of 1.5, round ends. */
const paths = {
  archive: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 9h3",
  arrow_down: "M8 3v10M4 9l4 4 4-4",
  arrow_left: "M13 8H3M7 4 3 8l4 4",
  arrow_right: "M3 8h10M9 4l4 4-4 4",
  arrow_up: "M8 13V3M4 7l4-4 4 4",
  bell: "M4 7a4 4 0 0 1 8 0c0 3 1.5 4 1.5 4.5h-11C2.5 11 4 10 4 7M6.7 13.5a1.5 1.5 0 0 0 2.6 0",
  blocked: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M3.8 3.8l8.4 8.4",
  board: "M2.5 3h3v10h-3zM6.5 3h3v6h-3zM10.5 3h3v8h-3z",
  calendar: "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3",
  check: "m3 8.5 3.5 3.5L13 5",
  checklist: "m2 4.5 1.2 1.2L5.5 3.3M2 10.5l1.2 1.2 2.3-2.4M8 4.5h6M8 10.5h6",
  chevron_down: "m4 6 4 4 4-4",
  chevron_left: "m10 4-4 4 4 4",
  chevron_right: "m6 4 4 4-4 4",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.5V8l2.5 1.5",
  close: "m4 4 8 8M12 4l-8 8",
  comment: "M2.5 3h11v8h-6L4.5 13.500V11h-2z",
  copy: "M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3",
  device: "M2 3h12v8H2zM8 11v2.500M5 13.500h6",
  edit: "M10.5 2.500l3 3-8 8h-3v-3zM8.5 4.500l3 3",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  eye_off:
    "m2.5 2.5 11 11M6 4q1-.5 2-.5c4 0 6.5 4.5 6.5 4.500a12 12 0 0 1-2 2.500M4 5.500A12 12 0 0 0 1.5 8S4 12.5 8 12.500q1 0 2-.4",
  filter: "M2 4h12M4.5 8h7M6.5 12h3",
  flag: "M3.5 14V2.500M3.5 3h8.500l-2 3 2 3H3.5",
  grip: "M6 3.500v.01M10 3.500v.01M6 8v.01M10 8v.01M6 12.500v.01M10 12.500v.01",
  help: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M6.3 6.300a1.8 1.8 0 1 1 2.5 1.700c-.5.2-.8.5-.8 1M8 11.200v.01",
  inbox: "M2.5 9 4.5 3h7l2 6v4h-11zM2.5 9h3.300a2.2 2.2 0 0 0 4.4 0h3.3",
  info: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 7.500v3.500M8 5v.01",
  keyboard: "M1.5 4h13v8h-13zM4 6.500v.01M6.7 6.500v.01M9.3 6.500v.01M12 6.500v.01M5 9.500h6",
  label: "M2.5 2.500h5.500l5.5 5.5-5.5 5.500L2.5 8zM5.3 5.300v.01",
  link: "M7 9a2.5 2.5 0 0 0 3.5 0l2.5-2.500A2.5 2.5 0 0 0 9.5 3l-1 1M9 7a2.5 2.5 0 0 0-3.5 0L3 9.500A2.5 2.5 0 0 0 6.5 13l1-1",
  lock: "M3.5 7h9v6.500h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  menu: "M2.5 4h11M2.5 8h11M2.5 12h11",
  more: "M3.5 8v.01M8 8v.01M12.5 8v.01",
  offline:
    "m2.5 2.5 11 11M4 7a7 7 0 0 1 2-1.300M9.5 5.600A7 7 0 0 1 12 7M6.3 9.500a3 3 0 0 1 3 0M2 5q.7-.7 1.7-1.200M7 3a9 9 0 0 1 7 2M8 12v.01",
  panel: "M2.5 3h11v10h-11zM6.5 3v10",
  people:
    "M6 3a2.2 2.2 0 1 0 0 4.400A2.2 2.2 0 0 0 6 3M1.5 13a4.5 4.5 0 0 1 9 0M10.5 3.200a2.2 2.2 0 0 1 0 4M12 9.500a4.5 4.5 0 0 1 2.5 3.5",
  person: "M8 2.500a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.400M2.5 13.500a5.5 5.5 0 0 1 11 0",
  plus: "M8 3v10M3 8h10",
  projects: "M2.5 4.500v8.500h11V5.500H8L6.5 3.500h-4z",
  reaction: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M5.5 9.500a3 3 0 0 0 5 0M6 6.500v.01M10 6.500v.01",
  refresh: "M13 8a5 5 0 1 1-1.5-3.500L13.5 6.500M13.5 3v3.500H10",
  search: "M7 2.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.300l3.2 3.2",
  send: "M2.5 2.5 14 8 2.5 13.5 4.5 8zM4.5 8H14",
  settings:
    "M2 4.500h6M11 4.500h3M2 11.500h3M8 11.500h6M9.5 3a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M6.5 10a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3",
  sign_out: "M6 2.500H2.500v11H6M7 8h7M11 5l3 3-3 3",
  subtask: "M3.5 2.500v8h4M10 8h3.500v5H10z",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12M8 5.500h4.500M8 8.500h5.500M8 11.500h4",
  trash: "M2.5 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9M6.7 7v4M9.3 7v4",
  undo: "M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6",
  warning: "M8 2.5 14.5 13.500h-13zM8 6.500v3M8 11.500v.01",
} as const;

export type IconName = keyof typeof paths;

/** For the page that documents them. */
export const iconNames = Object.keys(paths).filter((name): name is IconName => Object.hasOwn(paths, name));

interface Props {
  readonly name: IconName;
  /** In px. */
  readonly size?: 12 | 16 | 20 | 24;
}

export function Icon({ name, size = 16 }: Props) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
