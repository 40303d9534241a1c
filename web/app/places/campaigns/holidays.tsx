import { useState } from "react";
import { Button } from "@/ui/button";
import { Pill } from "@/ui/chip";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { formatDay } from "@/words/format";

/** Days on which nothing is sent. */
export function Holidays({ days, onChange, may, label = w.campaigns.holidays, about = w.campaigns.holidaysAbout }: { days: string[]; onChange: (days: string[]) => void; may: boolean; label?: string; about?: string }) {
  const [day, setDay] = useState("");
  const add = () => {
    if (day && !days.includes(day)) onChange([...days, day].sort());
    setDay("");
  };
  return (
    <div className="mt-4">
      <div className="flex flex-wrap items-end gap-2">
        <TextField type="date" label={label} className="w-44" value={day} onChange={(e) => setDay(e.target.value)} onKeyDown={(e) => e.key === "Enter" && add()} />
        {may && (
          <Button onClick={add} why={day ? undefined : w.campaigns.chooseDay}>
            {w.campaigns.addDay}
          </Button>
        )}
      </div>
      <p className="mt-1 text-meta text-text-3">{about}</p>
      {days.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-1.5">
          {days.map((d) => (
            <li key={d}>
              {may ? (
                <Pill label={w.campaigns.remove(d)} onRemove={() => onChange(days.filter((x) => x !== d))}>
                  {formatDay(d + "T12:00:00Z", "UTC")} {d.slice(0, 4)}
                </Pill>
              ) : (
                d
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
