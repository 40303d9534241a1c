import { ArrowDown, ArrowUp, Columns3, Minus, Plus } from "lucide-react";
import { Button, IconButton } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import type { Column } from "@/ui/table";
import { leastOf, narrowest, widest } from "@/ui/table-head";
import { columns as words } from "@/words/en/columns";
import type { TableLayout } from "./table-layout";

const byOnePress = 24; // px

/** Which columns, in which order, and how wide: what can be drawn in the table, too. */
export function ColumnsMenu<Row>({ layout }: { layout: TableLayout<Row> }) {
  const { columns, shown, widths, onColumns, onWidths } = layout;
  const ids = shown.map((c) => c.id);
  const rest = columns.filter((c) => !ids.includes(c.id));
  const move = (i: number, by: number) => {
    const next = [...ids];
    [next[i], next[i + by]] = [next[i + by]!, next[i]!];
    onColumns(next);
  };
  const widen = (c: Column<Row>, by: number) => onWidths({ ...widths, [c.id]: Math.max(narrowest, Math.min(widest, widthOf(c, widths) + by)) });
  return (
    <Pop
      label={words.title}
      trigger={
        <Button size="small" look="quiet" icon={<Columns3 size={14} aria-hidden />}>
          <span className="max-sm:sr-only">{words.title}</span>
        </Button>
      }
    >
      <div className="flex w-80 max-w-full flex-col">
        {shown.map((c, i) => (
          <div key={c.id} className="flex min-h-8 items-center">
            <div className="min-w-0 flex-1">
              <CheckField label={c.label} checked onChange={() => shown.length > 1 && onColumns(ids.filter((x) => x !== c.id))} />
            </div>
            <Small label={words.narrower(c.label)} onClick={() => widen(c, -byOnePress)}>
              <Minus size={12} aria-hidden />
            </Small>
            <Small label={words.wider(c.label)} onClick={() => widen(c, byOnePress)}>
              <Plus size={12} aria-hidden />
            </Small>
            <Small label={words.up(c.label)} onClick={() => move(i, -1)} className={i === 0 ? "invisible" : ""}>
              <ArrowUp size={12} aria-hidden />
            </Small>
            <Small label={words.down(c.label)} onClick={() => move(i, 1)} className={i === shown.length - 1 ? "invisible" : ""}>
              <ArrowDown size={12} aria-hidden />
            </Small>
          </div>
        ))}
        {rest.length > 0 && <div className="my-2 h-px bg-line" />}
        {rest.map((c) => (
          <div key={c.id} className="flex min-h-8 items-center">
            <CheckField label={c.label} checked={false} onChange={() => onColumns([...ids, c.id])} />
          </div>
        ))}
        <Button
          size="small"
          look="quiet"
          className="mt-2"
          onClick={() => {
            onColumns(undefined);
            onWidths({});
          }}
        >
          {words.reset}
        </Button>
      </div>
    </Pop>
  );
}

const Small = (props: Parameters<typeof IconButton>[0]) => <IconButton size="small" {...props} className={"w-7 " + (props.className ?? "")} />;

/** What a column is wide: as it was drawn, else what it has at least. */
function widthOf(c: { id: string; width: string }, widths: Record<string, number>): number {
  const rem = /^([\d.]+)rem$/.exec(leastOf(c.width));
  return widths[c.id] ?? (rem ? Number(rem[1]) * 16 : 160);
}
