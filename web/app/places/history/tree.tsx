import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import { actorInWords, family, sentence } from "./model";
import { Stamp } from "./stamp";

type Command = Schemas["TraceCommand"];
const s = w.history;

/** Cause above effect: commands, what they led to, and what that caused. */
export function CauseTree({ commands, current }: { commands: Command[]; current?: number }) {
  return (
    <ul className="flex flex-col pt-2">
      {commands.map((c) => (
        <CommandNode key={c.id} command={c} current={current} />
      ))}
    </ul>
  );
}

function CommandNode({ command: c, current }: { command: Command; current?: number }) {
  const { slug } = useSession();
  return (
    <li className="text-table">
      <div className="flex flex-wrap items-center gap-x-2 py-0.5 text-text-2">
        <span aria-hidden className="size-2 rounded-[2px] border border-control" />
        <span className="mono">{c.type ? family(c.type) : s.commandUnknown}</span>
        <span className="text-text-3">{actorInWords(c.actor)}</span>
        {c.outcome !== "accepted" && <Chip tone={c.outcome === "refused" ? "bad" : "plain"}>{s.outcomes[c.outcome]}</Chip>}
      </div>
      {c.events.length > 0 && (
        <ul className="ml-[3px] border-l pl-4">
          {c.events.map((e) => (
            <li key={e.id}>
              <div className={cx("flex flex-wrap items-baseline gap-x-3 rounded-control py-0.5", e.oseq === current && "bg-accent-soft px-1.5")}>
                <Link to={`/o/${slug}/history/${e.oseq}` as "/"} aria-current={e.oseq === current ? "true" : undefined} className={cx("hover:underline", e.oseq === current ? "font-medium" : "text-accent-text")}>
                  {sentence({ type: e.type })}
                </Link>
                <span className="text-meta text-text-3">
                  <Stamp at={e.time} />
                </span>
                {e.oseq === current && <span className="sr-only">{s.here}</span>}
              </div>
              {e.commands.length > 0 && (
                <ul className="ml-[3px] border-l pl-4">
                  {e.commands.map((x) => (
                    <CommandNode key={x.id} command={x} current={current} />
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
