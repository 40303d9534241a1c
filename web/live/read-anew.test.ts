import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { readAnew } from "./read-anew";

vi.setConfig({ testTimeout: 120_000 }); // only what hangs ends by it

async function until(is: () => boolean) {
  while (!is()) await new Promise((r) => setTimeout(r));
}

/** A figure that is shown, whose answers come when the test says so. */
function figure() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const asked: { answer: (n: number) => void; fail: (e: Error) => void }[] = [];
  let under = 0;
  let most = 0;
  const shown: (number | undefined)[] = [];
  const queryKey = ["o", "analytics", "funnel"];
  const observer = new QueryObserver(client, {
    queryKey,
    queryFn: () =>
      new Promise<number>((resolve, reject) => {
        most = Math.max(most, ++under);
        asked.push({ answer: (n) => (under--, resolve(n)), fail: (e) => (under--, reject(e)) });
      }),
  });
  const leave = observer.subscribe((r) => void (r.data !== shown.at(-1) && shown.push(r.data)));
  const times = (n: number) => until(() => asked.length >= n);
  return { client, asked, shown, times, leave, most: () => most, event: () => readAnew(client, { queryKey: ["o"] }) };
}

test("a figure that takes longer than the pause between events comes, and what changed meanwhile is read once after it", async () => {
  const f = figure();
  f.asked[0]!.answer(1);
  await until(() => f.shown.at(-1) === 1);

  const rounds = [f.event()];
  await f.times(2);
  rounds.push(f.event(), f.event(), f.event()); // nothing is cancelled, nothing asked beside it
  await Promise.resolve();
  expect(f.asked.length).toBe(2);
  f.asked[1]!.answer(2);
  await f.times(3); // once for three
  expect(f.shown).toEqual([1, 2]);
  f.asked[2]!.answer(3);
  await Promise.all(rounds);
  expect(f.shown).toEqual([1, 2, 3]);
  expect(f.asked.length).toBe(3);
  expect(f.most()).toBe(1);
  f.leave();
});

test("what changes while a figure comes for the first time isn't lost", async () => {
  const f = figure();
  const round = f.event();
  f.asked[0]!.answer(1);
  await f.times(2);
  f.asked[1]!.answer(2);
  await round;
  expect(f.shown.at(-1)).toBe(2);
  f.leave();
});

test("a change during the read after it is read once more, after a failure too", async () => {
  const f = figure();
  f.asked[0]!.answer(1);
  await until(() => f.shown.at(-1) === 1);
  const rounds = [f.event()];
  await f.times(2);
  rounds.push(f.event());
  f.asked[1]!.fail(new Error("not now"));
  await f.times(3);
  rounds.push(f.event());
  f.asked[2]!.answer(3);
  await f.times(4);
  f.asked[3]!.answer(4);
  await Promise.all(rounds);
  expect([f.shown.at(-1), f.asked.length, f.most()]).toEqual([4, 4, 1]);
  f.leave();
});

test("what nobody looks at any more is only stale", async () => {
  const f = figure();
  f.asked[0]!.answer(1);
  await until(() => f.shown.at(-1) === 1);
  const first = f.event();
  await f.times(2);
  const second = f.event();
  f.leave();
  f.asked[1]!.answer(2);
  await Promise.all([first, second]);
  expect(f.asked.length).toBe(2);
  expect(f.client.getQueryCache().getAll()[0]!.state.isInvalidated).toBe(true);
});
