/** Open modals, the top one last: what stands behind one is neither seen nor read out, so notices stand in the top one. */
import { signal } from "@preact/signals";

export const openModals = signal<readonly symbol[]>([]);
