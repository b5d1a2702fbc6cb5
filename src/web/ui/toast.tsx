/** One short message, with what can be done about it. */
import { Button, IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface Props {
  readonly text: string;
  readonly tone?: "plain" | "problem" | undefined;
  readonly action?: { readonly text: string; readonly run: () => void } | undefined;
  readonly dismissLabel: string;
  readonly dismiss: () => void;
  /** It is pointed at or holds the focus: it must not go away. */
  readonly hold: () => void;
  readonly release: () => void;
}

export function Toast({ text, tone = "plain", action, dismissLabel, dismiss, hold, release }: Props) {
  const act = () => {
    dismiss();
    action?.run();
  };
  return (
    <div
      class="toast"
      data-tone={tone}
      role={tone === "problem" ? "alert" : "status"}
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocusIn={hold}
      onFocusOut={release}
    >
      {tone === "problem" && <Icon name="warning" />}
      <span class="toast-text">{text}</span>
      {action && (
        <Button size="small" kind="ghost" class="toast-action" onClick={act}>
          {action.text}
        </Button>
      )}
      <IconButton icon="close" size="small" label={dismissLabel} onClick={dismiss} />
    </div>
  );
}
