import type { Schemas } from "@/api/client";

export const tasks = ["extract", "write", "classify"] as const;
export type Task = (typeof tasks)[number];
export type TaskDraft = { model: string; input: string; cached: string; output: string };
export type Drafts = Record<Task, TaskDraft>;

/** Millionths of a dollar as they are typed; nothing for 0. */
export const places = (micros: number) => (micros === 0 ? "" : String(micros / 1_000_000));

/** What the form begins with: what was chosen, not what follows from it. */
export function draftsOf(s: Schemas["AISettings"]): Drafts {
  const of = (task: Task): TaskDraft => {
    const t = s.tasks.find((x) => x.task === task);
    return t?.chosen ? { model: t.model, input: places(t.price.input), cached: places(t.price.cached), output: places(t.price.output) } : { model: "", input: "", cached: "", output: "" };
  };
  return { extract: of("extract"), write: of("write"), classify: of("classify") };
}

/** Returns millionths of a dollar; undefined for what is no amount. */
export function microsOf(text: string): number | undefined {
  const t = text.trim().replace(",", ".");
  if (!/^\d{1,6}(\.\d{0,6})?$/.test(t)) return undefined;
  return Math.round(Number(t) * 1_000_000);
}

/** A limit as it is typed: nothing is no limit (0), undefined no amount. */
export const limitIn = (text: string) => (text.trim() ? microsOf(text) : 0);

/** What is sent. Prices go with an endpoint of one's own alone; those of the platform's models are the operator's. */
export function tasksIn(drafts: Drafts, own: boolean): Schemas["AITaskModelSet"][] {
  return tasks
    .filter((t) => drafts[t].model.trim() !== "")
    .map((task) => {
      const d = drafts[task];
      const price = { input: microsOf(d.input) ?? 0, cached: microsOf(d.cached) ?? microsOf(d.input) ?? 0, output: microsOf(d.output) ?? 0 };
      const priced = own && (d.input.trim() !== "" || d.output.trim() !== "");
      return { task, model: d.model.trim(), ...(priced ? { price } : {}) };
    });
}
