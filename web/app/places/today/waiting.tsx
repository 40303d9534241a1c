import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Section } from "@/app/page";
import { linkTo } from "@/app/place-link";
import { useSession } from "@/app/session";
import { useShortcuts } from "@/keys/registry";
import { Skeleton } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatRate } from "@/words/format";
import { pathOfList, pathOfStopped } from "./places";
import type { Today } from "./queries";

type Line = { key: string; tone: "warn" | "bad" | "plain"; text: string; detail: ReactNode; path: string };

/** What waits, one line each, in the order of the server: the most costly delay first; then what has stopped, what was found, imports. */
export function linesOf(today: Today): Line[] {
  const t = w.today;
  return [
    ...(today.waiting ?? []).map((x): Line => ({
      key: x.kind,
      tone: x.kind === "in_doubt" ? "bad" : "warn",
      text: t.waiting[x.kind]?.(x.count) ?? `${x.count} ${x.kind}`,
      detail: x.next_at ? <>{t.nextSlot} <Time at={x.next_at} /></> : x.oldest_at && <>{t.oldest} <Time at={x.oldest_at} /></>,
      path: pathOfList(x.list),
    })),
    ...(today.stopped ?? []).map((x): Line => ({
      key: x.id,
      tone: x.rule ? "bad" : "plain",
      text: t.stopped(x.kind, x.title),
      detail: (
        <>
          {t.reasons[x.reason] ?? x.reason}
          {x.measured && `: ${t.measured(x.measured.count, x.measured.of, formatRate(x.measured.threshold))}`}
          {x.since && <>, <Time at={x.since} /></>}
        </>
      ),
      path: pathOfStopped(x),
    })),
    ...(today.findings ?? []).map((x): Line => ({ key: x.key + x.id, tone: "warn", text: x.title, detail: x.text, path: pathOfStopped(x) })),
    ...(today.imports_failed ?? []).map((x): Line => ({ key: x.id, tone: "bad", text: t.importFailed(x.file_name), detail: <>{x.reason}, <Time at={x.failed_at} /></>, path: "/imports/" + x.id })),
  ];
}

export function Waiting({ today }: { today?: Today }) {
  const { slug } = useSession();
  const go = useNavigate();
  const lines = today ? linesOf(today) : [];
  useShortcuts(lines.slice(0, 9).map((l, i) => ({ keys: String(i + 1), label: l.text, group: w.shell.today, run: () => void go(linkTo(slug, l.path)) })));
  return (
    <Section title={w.today.waits}>
      {!today ? (
        <div className="flex h-20 flex-col justify-center gap-3">
          <Skeleton className="w-64" />
          <Skeleton className="w-48" />
        </div>
      ) : lines.length === 0 ? (
        <p className="py-3 text-text-2">{w.today.nothingWaits}</p>
      ) : (
        <ol>
          {lines.map((l, i) => (
            <li key={l.key} className="border-b last:border-b-0">
              <Link
                {...linkTo(slug, l.path)}
                className="group -mx-2 flex min-h-10 items-center gap-3 rounded-control px-2 py-1.5 hover:bg-surface-1"
              >
                <span aria-hidden className={dots[l.tone]} />
                <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
                  <span className="font-medium break-words">{l.text}</span>
                  <span className="text-table text-text-2">{l.detail}</span>
                </span>
                {i < 9 && (
                  <kbd aria-hidden className="text-meta text-text-3 pointer-coarse:hidden">
                    {i + 1}
                  </kbd>
                )}
                <ChevronRight size={14} aria-hidden className="shrink-0 text-text-3" />
              </Link>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

const dot = "size-2 shrink-0 rounded-full ";
const dots = { warn: dot + "bg-warn", bad: dot + "bg-bad", plain: dot + "bg-control" };
