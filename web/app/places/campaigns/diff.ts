import { w } from "@/words";

export type VariantText = { variant_id?: string; name?: string; subject: string; body: string; weight: number };
export type StepText = { step_id?: string; delay_days: number; variants: VariantText[] };
export type Change = { where: string; before: string; after: string };

/** What is different between two states of a sequence, in the order of the steps; steps and variants are known by their ids. */
export function changesOf(before: StepText[], now: StepText[]): Change[] {
  const out: Change[] = [];
  const c = w.campaigns;
  const old = new Map(before.map((s, i) => [s.step_id, { step: s, at: i + 1 }]));
  const kept = new Set(now.map((s) => s.step_id));
  now.forEach((s, i) => {
    const was = s.step_id ? old.get(s.step_id) : undefined;
    const name = c.stepN(i + 1);
    if (!was) {
      out.push({ where: `${name}: ${c.isNew}`, before: "", after: s.variants.map((v) => textOf(v)).join("\n\n") });
      return;
    }
    if (was.at !== i + 1) out.push({ where: `${name}: ${c.place}`, before: c.stepN(was.at), after: name });
    if (was.step.delay_days !== s.delay_days) out.push({ where: `${name}: ${c.delay}`, before: c.daysAfter(was.step.delay_days), after: c.daysAfter(s.delay_days) });
    out.push(...variantChanges(name, was.step.variants, s.variants));
  });
  before.forEach((s, i) => {
    if (!kept.has(s.step_id)) out.push({ where: `${c.stepN(i + 1)}: ${c.isGone}`, before: s.variants.map((v) => textOf(v)).join("\n\n"), after: "" });
  });
  return out;
}

const textOf = (v: VariantText) => [v.subject, v.body].filter(Boolean).join("\n\n");

function variantChanges(step: string, before: VariantText[], now: VariantText[]): Change[] {
  const out: Change[] = [];
  const c = w.campaigns;
  const old = new Map(before.map((v) => [v.variant_id, v]));
  const several = before.length > 1 || now.length > 1;
  for (const v of now) {
    const was = v.variant_id ? old.get(v.variant_id) : undefined;
    const name = several ? `${step}, ${c.variant(v.name || "A")}` : step;
    if (!was) {
      out.push({ where: `${name}: ${c.isNew}`, before: "", after: textOf(v) });
      continue;
    }
    old.delete(v.variant_id);
    if (was.subject !== v.subject) out.push({ where: `${name}: ${c.subject}`, before: was.subject || c.noSubject, after: v.subject || c.noSubject });
    if (was.body !== v.body) out.push({ where: `${name}: ${c.body}`, before: was.body, after: v.body });
    if (was.weight !== v.weight) out.push({ where: `${name}: ${c.weight}`, before: String(was.weight), after: String(v.weight) });
  }
  for (const v of old.values()) out.push({ where: `${step}, ${c.variant(v.name || "A")}: ${c.isGone}`, before: textOf(v), after: "" });
  return out;
}
