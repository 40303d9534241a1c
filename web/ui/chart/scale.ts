import { ticks } from "d3-array";

export type Scale = { max: number; ticks: number[]; y: (v: number) => number };

/** A line from zero to a round number above the greatest value, for a height in pixels: counts begin at zero, always. */
export function scaleFromZero(greatest: number, height: number, count = 4): Scale {
  const top = greatest > 0 ? greatest : 1;
  let list = ticks(0, top, count);
  const step = (list[1] ?? top) - (list[0] ?? 0);
  if (list.at(-1)! < top) list = [...list, list.at(-1)! + step];
  const max = list.at(-1)!;
  return { max, ticks: list, y: (v) => height - (Math.min(v, max) / max) * height };
}

/** Middle of the band of a point, of as many of equal width. */
export const middle = (i: number, n: number, width: number) => (n === 0 ? 0 : ((i + 0.5) * width) / n);

/** Which labels of an axis have room: the first, and every so many after it. */
export function labelled(n: number, width: number, room = 72): number[] {
  const every = Math.max(1, Math.ceil((n * room) / Math.max(width, 1)));
  return Array.from({ length: n }, (_, i) => i).filter((i) => i % every === 0);
}

/** Stretches of points that have a value, as runs of neighbours: where there is none the line is broken. */
export function runs(values: (number | null | undefined)[]): number[][] {
  const out: number[][] = [];
  values.forEach((v, i) => {
    if (v == null) return;
    const last = out.at(-1);
    if (last && last.at(-1) === i - 1) last.push(i);
    else out.push([i]);
  });
  return out;
}

/** Keeps labels at the lines' ends apart by at least gap, in the order of the lines. */
export function spread(at: number[], gap: number, height: number): number[] {
  const order = at.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  for (let k = 1; k < order.length; k++) order[k]!.y = Math.max(order[k]!.y, order[k - 1]!.y + gap);
  const over = (order.at(-1)?.y ?? 0) - height;
  if (over > 0) for (const o of order) o.y -= over;
  const out: number[] = [];
  for (const o of order) out[o.i] = o.y;
  return out;
}
