/** 90 -> "2 minutes", 90_000 -> "25 hours", 300_000 -> "3.5 days". */
export function inWords(seconds: number): string {
  const [unit, size] = seconds < 5400 ? (["minute", 60] as const) : seconds < 172_800 ? (["hour", 3600] as const) : (["day", 86_400] as const);
  const n = seconds / size;
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: unit === "day" ? 1 : 0 }).format(n);
}
