import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { reasonsOptions, type Campaign } from "./queries";

const tones = ["var(--accent)", "var(--meeting)", "var(--click)", "var(--good)", "var(--sent)"];

/** Why people wait, as one bar by rule; pressing a rule shows who it holds. */
export function Reasons({ campaign, rule, onChoose }: { campaign: Campaign; rule?: string; onChoose: (rule?: string) => void }) {
  const { org } = useSession();
  const reasons = useQuery({ ...reasonsOptions(org, campaign.id), enabled: !!campaign.launched_at });
  const list = reasons.data?.data ?? [];
  if (!reasons.data || reasons.data.people === 0 || list.length === 0) return null;
  const all = list.reduce((n, r) => n + r.people, 0);
  return (
    <section aria-label={w.campaigns.whyWait} className="px-4 pb-3 sm:px-6">
      <div aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full">
        {list.map((r, i) => (
          <span key={r.rule} className={cx(rule && rule !== r.rule && "opacity-30")} style={{ width: `${(r.people / all) * 100}%`, background: tones[i % tones.length] }} />
        ))}
      </div>
      <div role="group" aria-label={w.campaigns.whyWait} className="mt-1.5 flex flex-wrap gap-x-1">
        {list.map((r, i) => (
          <button key={r.rule} type="button" disabled={!r.rule} aria-pressed={rule === r.rule} onClick={() => onChoose(rule === r.rule ? undefined : r.rule)} className="flex min-h-7 items-center gap-2 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
            <span aria-hidden className="size-2 rounded-full" style={{ background: tones[i % tones.length] }} />
            {r.text} <span className="font-medium text-text-1">{formatCount(r.people)}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
