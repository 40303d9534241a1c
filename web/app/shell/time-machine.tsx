import { useLocation, useSearch } from "@tanstack/react-router";
import { Clock } from "lucide-react";
import { useState } from "react";
import { PlaceLink, useChangeSearch } from "@/app/place-link";
import { serverNow } from "@/app/clock";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { fromWallTime, wallTime, zone } from "@/app/zone";

/** The instant that is looked at; undefined is now. Queries that have a past pass it as `at`. */
export function useAt(): string | undefined {
  return (useSearch({ strict: false }) as { at?: string }).at;
}

export function useGoToInstant() {
  const change = useChangeSearch();
  return (at?: Date) => change({ at: at?.toISOString() });
}

const comparable: Record<string, string> = { leads: "lead", campaigns: "campaign", mailboxes: "mailbox" };

/** The object whose page is open, where it can be compared with itself at another time. */
function useOpenObject() {
  const [, , , place = "", id = ""] = useLocation().pathname.split("/");
  return comparable[place] && /^[0-9a-f-]{36}$/.test(id) ? { kind: comparable[place], subject: id } : undefined;
}

/** From the top bar, everywhere: the past is a place. */
export function TimeMachine() {
  const at = useAt();
  const jump = useGoToInstant();
  const from = at ? new Date(at) : serverNow();
  const object = useOpenObject();
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
          const d = fromWallTime(text || wallTime(from));
          if (d) jump(d);
        }}
      >
        <TextField label={w.shell.dateTime} type="datetime-local" hint={zone()} value={text || wallTime(from)} max={wallTime(serverNow())} onChange={(e) => setText(e.target.value)} />
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
        {at && object && (
          <PlaceLink to="/history/compare" search={{ ...object, from: at }}>
            {w.shell.compareSince}
          </PlaceLink>
        )}
      </form>
    </Pop>
  );
}
