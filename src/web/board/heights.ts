/** How tall the cards of a column are: measured where they have been rendered, guessed from the others elsewhere. */

export interface Heights {
  /** px. */
  of(taskId: string): number;
  /** Measures the card from now on. Answers the end of it. */
  readonly watch: (taskId: string, element: HTMLElement) => () => void;
}

/** A title of one line and the foot, px. */
const usual = 72;

export function createHeights(): Heights {
  const known = new Map<string, number>();
  let sum = 0;
  const ids = new WeakMap<Element, string>();
  const note = (id: string, height: number) => {
    sum += height - (known.get(id) ?? 0);
    known.set(id, height);
  };
  const observer = new ResizeObserver((entries) => {
    for (const { target, borderBoxSize } of entries) {
      const [id, height] = [ids.get(target), borderBoxSize[0]?.blockSize ?? 0];
      // 0: it is being taken out of the page.
      if (id !== undefined && height > 0) note(id, height);
    }
  });
  return {
    of: (taskId) => known.get(taskId) ?? (known.size > 0 ? sum / known.size : usual),
    watch(taskId, element) {
      ids.set(element, taskId);
      observer.observe(element);
      return () => observer.unobserve(element);
    },
  };
}
