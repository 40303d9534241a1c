import { Go } from "@/app/go";
import { cx } from "@/ui/cx";
import { Rate, type RateValue } from "@/ui/rate";
import { w } from "@/words";
import { cost } from "@/words/en/cost";
import { formatCount, formatRate } from "@/words/format";
import { formatMoney, listOf, type Figure } from "./model";

const s = w.analytics;

/** A figure that opens the list of what it counts; none where there is nothing to list. */
export function Counted({ drill, count, children, label, className }: { drill: string; count: number; children?: React.ReactNode; label: string; className?: string }) {
  const shown = children ?? formatCount(count);
  if (count === 0) return <span className={className}>{shown}</span>;
  return (
    <Go path="/analytics/list" search={listOf(drill)} label={`${label}: ${formatCount(count)}`} className={cx("text-accent-text", className)}>
      {shown}
    </Go>
  );
}

/** A rate whose count opens its list: "2.0 % (56 of 2,839 delivered), between 1.5 and 2.6 %", and what it was before. */
export function FigureCell({ figure, label, full }: { figure: Figure; label: string; full?: boolean }) {
  if (figure.metric === "cost") return <Cost figure={figure} label={label} />;
  const bare = figure.metric === "sent" || figure.metric === "in_doubt";
  return (
    <>
      <Counted drill={figure.drill} count={figure.count} label={label}>
        {bare ? formatCount(figure.count) : <Rate value={figure as RateValue} denominator={full ? s.denominators[figure.denominator] : undefined} short={!full} />}
      </Counted>
      {figure.previous && (
        <span className="block text-meta text-text-3">
          <Counted drill={figure.previous.drill} count={figure.previous.count} label={`${label}, ${s.before}`} className="text-text-2">
            {bare || figure.previous.of < 30 ? formatCount(figure.previous.count) : formatRate(figure.previous.rate)}
          </Counted>{" "}
          {s.before}
          {!bare && <>; {figure.previous.differs === undefined || !figure.previous.differs ? s.notTold : s.differs}</>}
        </span>
      )}
    </>
  );
}

/** What models cost, with the calls that add up to it, and how much that is for each message or person. */
function Cost({ figure: f, label }: { figure: Figure; label: string }) {
  if (f.count === 0) return <span className="text-text-3">{formatMoney(0)}</span>;
  return (
    <>
      <Go path="/analytics/list" search={listOf(f.drill)} label={`${label}: ${formatMoney(f.count)}`} className="text-accent-text">
        {formatMoney(f.count)}
      </Go>
      {f.each_micros !== undefined && f.of > 0 && <span className="block text-meta text-text-3">{cost.each(formatMoney(f.each_micros), f.denominator === "written_to")}</span>}
      {f.previous && (
        <span className="block text-meta text-text-3">
          {formatMoney(f.previous.count)} {s.before}
        </span>
      )}
    </>
  );
}
