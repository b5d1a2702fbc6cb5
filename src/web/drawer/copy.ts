/** Text on the clipboard, on pages served without TLS too. */

/** Answers whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Undefined on pages without TLS, whatever the type says.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The old way: a selected text field, inside of the open dialog, for nothing outside of it can be selected. */
function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  const dialogs = document.querySelectorAll("dialog[open]");
  (dialogs[dialogs.length - 1] ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
