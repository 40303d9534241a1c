import { useNavigate, useSearch } from "@tanstack/react-router";
import { Clock } from "lucide-react";
import { useState } from "react";
import { serverNow } from "@/app/clock";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { zone } from "@/app/zone";

/** The instant that is looked at; undefined is now. Queries that have a past pass it as `at`. */
export function useAt(): string | undefined {
  return (useSearch({ strict: false }) as { at?: string }).at;
}

export function useGoToInstant() {
  const go = useNavigate();
  return (at?: Date) => void go({ to: ".", search: (s: Record<string, unknown>) => ({ ...s, at: at?.toISOString() }) } as never);
}

const pad = (n: number) => String(n).padStart(2, "0");
const local = (d: Date) => `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;

/** From the top bar, everywhere: the past is a place. */
export function TimeMachine() {
  const at = useAt();
  const jump = useGoToInstant();
  const from = at ? new Date(at) : serverNow();
  const [text, setText] = useState("");
  const shift = (hours: number) => jump(new Date(from.getTime() + hours * 3_600_000));
  return (
    <Pop
      label={w.shell.timeMachine}
      trigger={
        <Button look="quiet" size="small" icon={<Clock size={14} aria-hidden />} title={w.shell.timeMachine} className={at ? "bg-warn-soft! text-warn!" : ""}>
          <span className="max-md:sr-only">{at ? formatAbsolute(from, zone()) : w.shell.now}</span>
        </Button>
      }
    >
      <form
        className="flex w-72 flex-col gap-3"
        onSubmit={(e) => {
          e.preventDefault();
          const d = new Date(text || local(from));
          if (!Number.isNaN(d.getTime())) jump(d);
        }}
      >
        <TextField label={w.shell.dateTime} type="datetime-local" value={text || local(from)} max={local(serverNow())} onChange={(e) => setText(e.target.value)} />
        <div className="grid grid-cols-2 gap-2">
          <Button size="small" onClick={() => shift(-1)}>
            {w.shell.hourBack}
          </Button>
          <Button size="small" onClick={() => shift(1)}>
            {w.shell.hourOn}
          </Button>
          <Button size="small" onClick={() => shift(-24)}>
            {w.shell.dayBack}
          </Button>
          <Button size="small" onClick={() => shift(24)}>
            {w.shell.dayOn}
          </Button>
        </div>
        <div className="flex gap-2">
          <Button type="submit" look="primary">
            {w.shell.goTo}
          </Button>
          {at && <Button onClick={() => jump()}>{w.shell.back}</Button>}
        </div>
      </form>
    </Pop>
  );
}
