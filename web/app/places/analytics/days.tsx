import { useState } from "react";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { w } from "@/words";

const s = w.analytics;

/** The first and the last day of a period, for whom dragging over a chart is no way. */
export function Days({ from, to, today, onChoose }: { from: string; to: string; today: string; onChoose: (from: string, to: string) => void }) {
  const [first, setFirst] = useState(from);
  const [last, setLast] = useState(to);
  const wrong = !first || !last ? s.dayMissing : first > last ? s.daysTurned : last > today ? s.noFuture : undefined;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(e) => {
        e.preventDefault();
        if (!wrong) onChoose(first, last);
      }}
    >
      <TextField label={s.firstDay} type="date" max={today} value={first} onChange={(e) => setFirst(e.target.value)} />
      <TextField label={s.lastDay} type="date" max={today} value={last} onChange={(e) => setLast(e.target.value)} error={wrong} />
      <Button type="submit" look="primary" why={wrong}>
        {s.showDays}
      </Button>
    </form>
  );
}
