/**
 * What stands around every view of who is signed in: the side bar, or on a narrow window (and where it was hidden) a bar at
 * the top whose button opens it as a sheet. A view brings its own `header.page-head` with the h1, and a `main` with the id
 * `content` and `tabIndex={-1}`, where the link that skips the bar leads.
 */
import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { route } from "../route.ts";
import { readStored, store } from "../stored.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { Corner } from "./corner.tsx";
import { Brand, SideBar } from "./side-bar.tsx";

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly bell?: ComponentChildren;
  readonly children: ComponentChildren;
}

const words = texts.common;
const hiddenName = "taskwire:side-bar";

const narrow = matchMedia("(max-width: 900px)");
const isNarrow = signal(narrow.matches);
narrow.addEventListener("change", ({ matches }) => {
  isNarrow.value = matches;
});
const hidden = signal(readStored(hiddenName) === "hidden");
const sheetOpen = signal(false);
const isCompact = computed(() => isNarrow.value || hidden.value);

/** Shows or hides the side bar, for this browser. */
function toggleSideBar(): void {
  if (isNarrow.peek()) {
    sheetOpen.value = !sheetOpen.peek();
    return;
  }
  hidden.value = !hidden.peek();
  store(hiddenName, hidden.peek() ? "hidden" : "shown");
}

export function Shell({ client, me, bell, children }: Props) {
  const compact = isCompact.value;
  return (
    <div class="shell" data-compact={compact || undefined}>
      <a class="skip" href="#content">
        {words.skip}
      </a>
      {compact ? (
        <header class="top-bar">
          <IconButton
            icon="menu"
            label={words.menu}
            aria-expanded={sheetOpen.value}
            onClick={isNarrow.value ? () => (sheetOpen.value = true) : toggleSideBar}
          />
          <Brand />
          <span class="spring" />
          <Corner client={client} />
          {bell}
        </header>
      ) : (
        <aside class="side-bar" aria-label={words.menu}>
          <SideBar
            client={client}
            me={me}
            bell={bell}
            corner={<Corner client={client} />}
            toggle={<IconButton icon="panel" label={words.hideMenu} onClick={toggleSideBar} />}
          />
        </aside>
      )}
      {isNarrow.value && sheetOpen.value && <Sheet client={client} me={me} />}
      <div class="view">{children}</div>
    </div>
  );
}

/** The side bar over the page; it goes when one has gone somewhere. */
function Sheet({ client, me }: { readonly client: Taskwire; readonly me: Me }) {
  const close = () => {
    sheetOpen.value = false;
  };
  useEffect(() => {
    const from = route.peek();
    return route.subscribe((to) => {
      if (to !== from) close();
    });
  });
  return (
    <Modal class="sheet" label={words.menu} close={close}>
      <SideBar client={client} me={me} toggle={<IconButton icon="close" label={words.close} onClick={close} />} />
    </Modal>
  );
}
