import { formatCount, formatRate } from "@/words/format";
import { w } from "@/words";

export type RateValue = { count: number; of: number; rate?: number | null; low?: number | null; high?: number | null };

/** "2.0 % (56 of 2,839), between 1.5 and 2.6 %"; below 30 only counts. Nothing is computed here. */
export function Rate({ value, denominator, short }: { value: RateValue; denominator?: string; short?: boolean }) {
  const of = `${formatCount(value.count)} ${w.rates.of} ${formatCount(value.of)}${denominator ? " " + denominator : ""}`;
  if (value.of < 30 || value.rate == null) return <span className="whitespace-nowrap">{of}</span>;
  const between = value.low != null && value.high != null ? w.rates.between(formatRate(value.low).replace(" %", ""), formatRate(value.high)) : "";
  if (short)
    return (
      <span className="whitespace-nowrap" title={`${of}${between ? ", " + between : ""}`}>
        {formatRate(value.rate)} <span className="text-text-3">({of})</span>
      </span>
    );
  return (
    <span>
      <span className="font-medium">{formatRate(value.rate)}</span> ({of}){between && <span className="text-text-2">, {between}</span>}
    </span>
  );
}
