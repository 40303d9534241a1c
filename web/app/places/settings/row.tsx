import { useId, useState, type ReactNode } from "react";
import { useDraft } from "@/app/draft";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { w } from "@/words";

/** One setting: what it is and what it affects on the left, its value on the right; a line between two. */
export function Row({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="grid gap-x-8 gap-y-2 border-b py-4 last:border-b-0 md:grid-cols-[minmax(0,18rem)_minmax(0,1fr)]">
      <div className="min-w-0">
        <div className="font-medium">{label}</div>
        {hint && <div className="mt-0.5 text-table text-text-3">{hint}</div>}
      </div>
      <div className="min-w-0 max-w-xl">{children}</div>
    </div>
  );
}

/** What a section stands in. */
export function Body({ children }: { children: ReactNode }) {
  return <div className="flex max-w-5xl flex-col gap-8 px-4 pb-12 sm:px-6">{children}</div>;
}

/** A text that is saved by Enter or its button; what was typed stays until the server has it. */
export function SaveText({ name, label, value, off, onSave, busy, multiline, type, error }: { name: string; label: string; value: string; off?: boolean; onSave: (v: string, saved: () => void) => void; busy?: boolean; multiline?: boolean; type?: string; error?: string }) {
  const [draft, setDraft] = useDraft(name);
  const [saved, setSaved] = useState(false);
  const id = useId();
  if (off) return <p className="min-h-8 py-1.5 whitespace-pre-line">{value || w.settings.none}</p>;
  const changed = draft !== undefined && draft !== value;
  const save = () => {
    if (!changed || busy) return;
    onSave(draft, () => {
      setDraft(undefined);
      setSaved(true);
    });
  };
  const common = {
    label,
    hideLabel: true,
    error,
    value: draft ?? value,
    onChange: (e: { target: { value: string } }) => {
      setSaved(false);
      setDraft(e.target.value === value ? undefined : e.target.value);
    },
  };
  return (
    <form
      id={id}
      className="flex flex-col gap-2"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
      onKeyDown={(e) => e.key === "Escape" && changed && setDraft(undefined)}
    >
      {multiline ? <TextArea {...common} rows={3} /> : <TextField {...common} type={type} />}
      {changed ? (
        <div className="flex items-center gap-2">
            <Button size="small" look="primary" type="submit" busy={busy}>
              {w.settings.save}
            </Button>
            <Button size="small" look="quiet" onClick={() => setDraft(undefined)}>
              {w.settings.discard}
            </Button>
        </div>
      ) : (
        <span role="status" className="text-meta text-good empty:hidden">
          {saved && w.settings.saved}
        </span>
      )}
    </form>
  );
}
