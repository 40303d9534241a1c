import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip, type Tone } from "@/ui/chip";
import { cx } from "@/ui/cx";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { importRowsOptions, type Import, type Outcome } from "./queries";

const tones: Record<string, Tone> = { created: "good", updated: "accent", duplicate: "plain", rejected: "bad" };
const kinds: (Outcome | undefined)[] = [undefined, "created", "updated", "duplicate", "rejected", "warned"];

/** What became of each row, with why and with its cells while they are kept. */
export function Rows({ value: i }: { value: Import }) {
  const { org } = useSession();
  const outcome = (useSearch({ strict: false }) as { outcome?: Outcome }).outcome;
  const list = useInfiniteQuery({ ...importRowsOptions(org, i.id, outcome), enabled: i.rows > 0 });
  if (i.rows === 0) return null;
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  const names = [...new Set(rows.flatMap((r) => Object.keys(r.cells ?? {})))].sort((a, b) => Number(!!i.mapping[b]) - Number(!!i.mapping[a])).slice(0, 8);
  return (
    <Section title={outcome ? w.imports.outcome[outcome]! : w.imports.all}>
      <nav aria-label={w.imports.outcomeColumn} className="flex flex-wrap gap-1 py-2">
        {kinds.map((k) => (
          <PlaceLink key={k ?? "all"} to={`/imports/${i.id}`} search={{ outcome: k }} aria-current={k === outcome ? "true" : undefined} className={cx("inline-flex h-7 items-center rounded-control px-2 text-table", k === outcome ? "bg-surface-2 font-medium" : "text-text-2 hover:bg-surface-1")}>
            {k ? w.imports.outcome[k] : w.imports.all}
          </PlaceLink>
        ))}
      </nav>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <SkeletonRows rows={5} />
      ) : rows.length === 0 ? (
        <p className="py-4 text-text-2">{w.imports.noRows}</p>
      ) : (
        <ScrollRegion label={outcome ? w.imports.outcome[outcome]! : w.imports.all}>
          <table className="w-full border-collapse text-left text-table whitespace-nowrap">
            <thead className="text-text-2">
              <tr className="border-b">
                {[w.imports.row, w.imports.outcomeColumn, w.imports.reason].map((h) => (
                  <th key={h} scope="col" className="py-2 pr-4 font-medium">
                    {h}
                  </th>
                ))}
                {names.map((n) => (
                  <th key={n} scope="col" className="max-w-40 truncate py-2 pr-4 font-medium">
                    {n}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.row} className="border-b">
                  <td className="py-1.5 pr-4 tabular-nums">{formatCount(r.row)}</td>
                  <td className="py-1.5 pr-4">
                    <Chip tone={tones[r.outcome] ?? "plain"}>{w.imports.outcome[r.outcome]}</Chip>
                  </td>
                  <td className="max-w-96 py-1.5 pr-4 whitespace-normal text-text-2">{[r.reason, ...r.warnings.map((x) => [x.field && (w.imports.targets[x.field] ?? x.field), x.reason].filter(Boolean).join(": "))].filter(Boolean).join("; ")}</td>
                  {names.map((n) => (
                    <td key={n} dir="auto" className="max-w-56 truncate py-1.5 pr-4">
                      {r.cells?.[n] ?? ""}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {list.hasNextPage && (
        <Button size="small" className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {w.states.showMore}
        </Button>
      )}
    </Section>
  );
}
