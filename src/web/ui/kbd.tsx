/** Keys to press, as they are written on the keyboard before one. */
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

const names: Readonly<Record<string, string>> = {
  Mod: isApple ? "⌘" : "Ctrl",
  Meta: "⌘",
  Alt: isApple ? "⌥" : "Alt",
  Shift: isApple ? "⇧" : "Shift",
  Enter: "↵",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** `keys` as in a shortcut: `Mod+k`, `g i`, `Shift+ArrowUp`. */
export function Kbd({ keys }: { readonly keys: string }) {
  const pressed = keys.split(" ").flatMap((step) => (step === "+" ? [step] : step.split("+")));
  return (
    <span class="keys">
      {pressed.map((key, index) => (
        <kbd key={`${index} ${key}`}>{names[key] ?? (key.length === 1 ? key.toUpperCase() : key)}</kbd>
      ))}
    </span>
  );
}
