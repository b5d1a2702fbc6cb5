/** What stands above the page. */
import { useRef, useState } from "preact/hooks";
import { notify } from "../notices.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Picker } from "../ui/combobox.tsx";
import { ConfirmDialog, Dialog } from "../ui/dialog.tsx";
import { DrawerShell } from "../ui/drawer.tsx";
import { Field } from "../ui/field.tsx";
import { Menu } from "../ui/menu.tsx";
import { Popover } from "../ui/popover.tsx";
import { Toast } from "../ui/toast.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { Section } from "./section.tsx";

type Open = "dialog" | "question" | "drawer" | "popover" | undefined;

export function LayersSection() {
  const [open, setOpen] = useState<Open>(undefined);
  const anchor = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(undefined);
  return (
    <Section title="Above the page">
      <div class="design-row">
        <Menus />
        <Button ref={anchor} aria-expanded={open === "popover"} onClick={() => setOpen("popover")}>
          Popover
        </Button>
        <Button onClick={() => setOpen("dialog")}>Dialog</Button>
        <Button onClick={() => setOpen("drawer")}>Drawer</Button>
        <Button onClick={() => setOpen("question")}>Question</Button>
        <Button onClick={() => notify({ text: "Task deleted.", action: { text: "Undo", run: () => undefined } })}>
          Notice
        </Button>
        <Button onClick={() => notify({ text: "Not saved: there is no such column.", tone: "problem" })}>
          Problem
        </Button>
        <Tooltip text="New task" keys="c">
          <IconButton icon="plus" label="New task" title="" />
        </Tooltip>
      </div>
      <div class="stack">
        <Toast text="Task deleted." dismissLabel="Dismiss" action={{ text: "Undo", run: nothing }} {...still} />
        <Toast text="Not saved: there is no such column." tone="problem" dismissLabel="Dismiss" {...still} />
      </div>
      {open === "popover" && anchor.current && (
        <Popover anchor={anchor.current} label="Something" close={close}>
          <p class="design-pad">Something small beside what opened it.</p>
        </Popover>
      )}
      {open === "dialog" && (
        <Dialog title="New project" close={close} closeLabel="Close" footer={<Button onClick={close}>Done</Button>}>
          <Field label="Name" name="name" />
        </Dialog>
      )}
      {open === "question" && (
        <ConfirmDialog
          title="Delete “Website”?"
          text="It cannot be undone."
          confirmText="Delete"
          cancelText="Cancel"
          danger
          confirm={close}
          cancel={close}
        />
      )}
      {open === "drawer" && (
        <DrawerShell label="A task" head={<span class="key">WEB-42</span>} close={close} closeLabel="Close">
          <Field label="Title" name="title" />
        </DrawerShell>
      )}
    </Section>
  );
}

const nothing = () => undefined;
/** These do not go. */
const still = { dismiss: nothing, hold: nothing, release: nothing };

function Menus() {
  const [chosen, choose] = useState("List");
  const views = ["Board", "List", "Calendar"];
  return (
    <>
      <Menu
        label="More"
        groups={[
          {
            items: [
              { text: "Rename", icon: "edit", keys: "r", run: () => undefined },
              { text: "Archive", icon: "archive", disabled: true, run: () => undefined },
            ],
          },
          {
            title: "View",
            items: views.map((text) => ({ text, checked: text === chosen, run: () => choose(text) })),
          },
          { items: [{ text: "Delete", icon: "trash", danger: true, run: () => undefined }] },
        ]}
        trigger={(trigger) => (
          <Button {...trigger} icon="more">
            Menu
          </Button>
        )}
      />
      <Picker
        label="People"
        options={["Ana", "Ben", "Eve"].map((text) => ({ id: text, text }))}
        selected={["Ana"]}
        onSelect={() => undefined}
        emptyText="Nobody of that name."
        trigger={(trigger) => (
          <Button {...trigger} icon="people">
            Picker
          </Button>
        )}
      />
    </>
  );
}
