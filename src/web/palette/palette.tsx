/** The palette: one field that goes anywhere and does anything. The focus stays in it (`aria-activedescendant`). */
import { useSignal } from "@preact/signals";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import type { ProjectStore, Taskwire } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { Me } from "../../protocol/users.ts";
import { route } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { type Choice, fieldProps, optionProps } from "../ui/listbox.ts";
import { Modal } from "../ui/modal.tsx";
import { type Command, commandsOf } from "./commands.ts";
import { find, type Section } from "./find.ts";
import { recentIds, remember } from "./recent.ts";

const words = texts.palette;

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly close: () => void;
}

export function Palette({ client, close }: Props) {
  const typed = useSignal("");
  const active = useSignal(0);
  const recent = useMemo(recentIds, []);
  const tasks = useTasks(client);
  const sections = find(commandsOf({ client, to: route.value, tasks }), typed.value, recent);
  const all = sections.flatMap(({ commands }) => commands);
  const index = Math.min(active.value, all.length - 1);
  const id = useId();
  const choose = (command: Command | undefined) => {
    if (!command) return;
    remember(command.id);
    // First closed, so that the focus is back when the command moves it on.
    close();
    setTimeout(command.run);
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const next = stepOf(event.key, index, all.length);
    if (next !== undefined) active.value = next;
    else if (event.key === "Enter") choose(all[index]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal class="palette" label={words.title} close={close}>
      <div class="palette-field">
        <Icon name="search" />
        <input
          {...fieldProps(words.title, id, all[index] && `${id}-${index}`)}
          spellcheck={false}
          placeholder={words.placeholder}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            active.value = 0;
          }}
          onKeyDown={press}
        />
      </div>
      <Sections
        id={id}
        sections={sections}
        index={index}
        point={(at) => {
          active.value = at;
        }}
        choose={choose}
      />
      <p class="unseen" role="status">
        {all.length === 0 ? words.nothing(typed.value) : words.results(all.length)}
      </p>
      {all.length === 0 && <p class="palette-nothing quiet">{words.nothing(typed.value)}</p>}
      <footer class="palette-foot quiet" aria-hidden="true">
        <Kbd keys="ArrowUp ArrowDown" /> {words.choose}
        <Kbd keys="Enter" /> {words.run}
        <Kbd keys="Escape" /> {words.leave}
      </footer>
    </Modal>
  );
}

function stepOf(key: string, index: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: Math.min(index + 8, count - 1),
    PageUp: Math.max(index - 8, 0),
  };
  const next = steps[key];
  return next === undefined ? undefined : (next + count) % Math.max(count, 1);
}

/** Of the project whose room the page is in. */
function useTasks(client: Taskwire): readonly Task[] {
  const to = route.value;
  const projectId = "projectId" in to ? to.projectId : undefined;
  const tasks = useSignal<readonly Task[]>([]);
  useEffect(() => {
    let shown = true;
    let stop: () => void = () => undefined;
    const watch = (store: ProjectStore) => {
      if (!shown) return;
      stop = store.tasks.subscribe((all) => {
        tasks.value = [...all.values()];
      });
    };
    // The view has joined it: this is the same store. Where there is none, the view says so.
    if (projectId !== undefined) client.joinProject(projectId).then(watch, () => undefined);
    return () => {
      shown = false;
      stop();
    };
  }, [client, projectId, tasks]);
  return tasks.value;
}

interface SectionsProps {
  readonly id: string;
  readonly sections: readonly Section[];
  readonly index: number;
  readonly point: (index: number) => void;
  readonly choose: (command: Command) => void;
}

function Sections({ id, sections, index, point, choose }: SectionsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  });
  let at = 0;
  return (
    <div ref={list} id={id} class="palette-list" role="listbox" aria-label={words.title}>
      {sections.map(({ group, commands }) => (
        <div key={group} {...groupOf(words.groups[group])}>
          <p class="palette-group" aria-hidden="true">
            {words.groups[group]}
          </p>
          {commands.map((command) => {
            const own = at++;
            return (
              <OptionView
                key={command.id}
                id={`${id}-${own}`}
                command={command}
                active={own === index}
                selected={own === index}
                point={() => point(own)}
                choose={() => choose(command)}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** Of options: a fieldset, which the role stands for elsewhere, has no place in a list of them. */
const groupOf = (label: string) => ({ role: "group" as const, "aria-label": label });

function OptionView({ command, ...choice }: Choice & { readonly command: Command }) {
  return (
    <div class="palette-option" {...optionProps(choice)}>
      <Icon name={command.icon} />
      {command.key !== undefined && <span class="key quiet">{command.key}</span>}
      <span class="palette-text">{command.text}</span>
      {command.keys !== undefined && <Kbd keys={command.keys} />}
    </div>
  );
}
