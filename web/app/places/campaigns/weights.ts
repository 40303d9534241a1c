/** Weights as whole percents that sum to 100, by the largest remainders; equal shares when all are 0. */
export function percents(weights: number[]): number[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((a, b) => a + Math.max(0, b), 0);
  const exact = weights.map((x) => (sum > 0 ? (Math.max(0, x) * 100) / sum : 100 / weights.length));
  const out = exact.map(Math.floor);
  const order = exact.map((x, i) => [x - Math.floor(x), i] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (let left = 100 - out.reduce((a, b) => a + b, 0), k = 0; left > 0; left--, k++) out[order[k % order.length]![1]]!++;
  return out;
}

/** Gives one its share; the others keep their proportions to each other in what is left. */
export function withShare(shares: number[], index: number, share: number): number[] {
  const own = Math.max(0, Math.min(100, Math.round(share)));
  if (shares.length < 2) return shares.map(() => 100);
  const others = shares.filter((_, i) => i !== index);
  const rest = percents(others).map((p) => (p * (100 - own)) / 100);
  const whole = rest.map(Math.floor);
  const order = rest.map((x, i) => [x - Math.floor(x), i] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (let left = 100 - own - whole.reduce((a, b) => a + b, 0), k = 0; left > 0; left--, k++) whole[order[k % order.length]![1]]!++;
  const out: number[] = [];
  for (let i = 0, j = 0; i < shares.length; i++) out.push(i === index ? own : whole[j++]!);
  return out;
}
