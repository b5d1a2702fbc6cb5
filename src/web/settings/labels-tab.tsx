/** The project's labels: their names and colours, and how many tasks carry them. */
import { useSignal } from "@preact/signals";
import type { CreateLabel, UpdateLabel } from "../../protocol/labels.ts";
import type { Label } from "../../protocol/projects.ts";
import { sentence } from "../action.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { LabelBadge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { AddByName } from "./add-by-name.tsx";
import { ColorMenu } from "./color-menu.tsx";
import { freeColor } from "./colors.ts";
import { InlineInput } from "./inline-input.tsx";

const words = texts.settings.labels;

export function LabelsTab({ board }: { readonly board: Board }) {
  const labels = useLive(board.store.labels);
  const uses = useUses(board);
  const chosen = useSignal<string | null>(null);
  const color = chosen.value ?? freeColor(labels.map((label) => label.color));
  const add = async (name: string) => {
    const body: CreateLabel = { name, color };
    await board.client.rest.request<Label>("POST", `/api/projects/${board.store.id}/labels`, body);
    chosen.value = null;
  };
  return (
    <section class="section" aria-labelledby="labels-title">
      <div class="section-head">
        <h2 id="labels-title">{words.title}</h2>
      </div>
      {labels.length === 0 && <EmptyState icon="label" title={words.none} text={words.noneHint} />}
      <ul class="rows" aria-labelledby="labels-title">
        {labels.map((label) => (
          <LabelRow key={label.id} board={board} label={label} uses={uses.get(label.id) ?? 0} />
        ))}
      </ul>
      {board.mayManage && (
        <AddByName label={words.new} addText={words.add} max={100} taken={words.taken} add={add}>
          <ColorMenu
            label={words.color}
            color={color}
            choose={(wanted) => {
              chosen.value = wanted;
            }}
          />
        </AddByName>
      )}
    </section>
  );
}

/** Label → tasks on the board that carry it. */
function useUses({ store }: Board): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { label_ids } of useLive(store.tasks).values())
    for (const id of label_ids) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

interface RowProps {
  readonly board: Board;
  readonly label: Label;
  readonly uses: number;
}

function LabelRow({ board, label, uses }: RowProps) {
  const asked = useSignal(false);
  const { name, color } = label;
  const path = `/api/projects/${board.store.id}/labels/${label.id}`;
  const watch = (work: Promise<unknown>) => {
    work.catch((error: unknown) => notify({ text: sentence(reasonOf(error)), tone: "problem" }));
  };
  const change = (body: UpdateLabel) => watch(board.client.rest.request<Label>("PATCH", path, body));
  const ask = (open: boolean) => () => {
    asked.value = open;
  };
  return (
    <li class="row-item">
      {board.mayManage ? (
        <>
          <ColorMenu label={words.colorOf(name)} color={color} choose={(wanted) => change({ color: wanted })} />
          <InlineInput
            label={words.nameOf(name)}
            value={name}
            maxLength={100}
            save={(text) => text.trim() !== "" && change({ name: text.trim() })}
          />
        </>
      ) : (
        <span class="row-words">
          <LabelBadge name={name} color={color} />
        </span>
      )}
      <span class="quiet row-count">{words.use(uses)}</span>
      {board.mayManage && <IconButton icon="trash" label={words.delete(name)} onClick={ask(true)} />}
      {asked.value && (
        <ConfirmDialog
          title={words.deleteTitle(name)}
          text={words.deleteHint(uses)}
          confirmText={texts.settings.delete}
          cancelText={texts.common.cancel}
          danger
          confirm={() => {
            asked.value = false;
            watch(board.client.rest.request("DELETE", path));
          }}
          cancel={ask(false)}
        />
      )}
    </li>
  );
}
