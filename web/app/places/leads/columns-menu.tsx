import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { Button, IconButton } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import type { Column } from "@/ui/table";
import { w } from "@/words";
import { defaultColumns } from "./columns";
import type { Lead } from "./queries";

/** Which columns, and in which order. */
export function ColumnsMenu({ all, chosen, onChange }: { all: Column<Lead>[]; chosen: string[]; onChange: (ids: string[]) => void }) {
  const shown = chosen.filter((id) => all.some((c) => c.id === id));
  const rest = all.filter((c) => !shown.includes(c.id));
  const move = (i: number, by: number) => {
    const next = [...shown];
    [next[i], next[i + by]] = [next[i + by]!, next[i]!];
    onChange(next);
  };
  return (
    <Pop
      label={w.leads.columns}
      trigger={
        <Button size="small" look="quiet" icon={<Columns3 size={14} aria-hidden />}>
          <span className="max-sm:sr-only">{w.leads.columns}</span>
        </Button>
      }
    >
      <div className="flex w-64 flex-col">
        {shown.map((id, i) => {
          const c = all.find((x) => x.id === id)!;
          return (
            <div key={id} className="flex min-h-8 items-center gap-1">
              <div className="flex-1">
                <CheckField label={c.label} checked onChange={() => shown.length > 1 && onChange(shown.filter((x) => x !== id))} />
              </div>
              <IconButton size="small" label={w.leads.columnUp(c.label)} onClick={() => move(i, -1)} className={i === 0 ? "invisible" : ""}>
                <ArrowUp size={12} aria-hidden />
              </IconButton>
              <IconButton size="small" label={w.leads.columnDown(c.label)} onClick={() => move(i, 1)} className={i === shown.length - 1 ? "invisible" : ""}>
                <ArrowDown size={12} aria-hidden />
              </IconButton>
            </div>
          );
        })}
        <div className="my-2 h-px bg-line" />
        {rest.map((c) => (
          <div key={c.id} className="flex min-h-8 items-center">
            <CheckField label={c.label} checked={false} onChange={() => onChange([...shown, c.id])} />
          </div>
        ))}
        <Button size="small" look="quiet" onClick={() => onChange(defaultColumns)}>
          {w.leads.columnsReset}
        </Button>
      </div>
    </Pop>
  );
}
