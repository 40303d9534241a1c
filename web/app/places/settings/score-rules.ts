import type { Schemas } from "@/api/client";
import { facts } from "@/words/en/facts";
import { scores as s } from "@/words/en/scores";

export type Rule = Schemas["ScoreRuleInput"];
export type RuleSet = Schemas["ScoreRulesInput"];
type Of = Schemas["ScoreOf"];

/** The part of what the server shows that can be set. */
export function draftOf(r: Schemas["ScoreRules"]): RuleSet {
  return { rules: r.rules.map((x) => ({ ...x })), qualified_lead: r.qualified_lead, qualified_intent: r.qualified_intent, review_lead: r.review_lead };
}

export const newRule = (of: Of, taken: string[]): Rule => {
  let name = s.newName;
  for (let n = 2; taken.includes(name); n++) name = `${s.newName} ${n}`;
  return { name, of, field: of === "lead" ? "job_title" : "fact.hiring", test: of === "lead" ? "contains" : "exists", values: [], weight: 10 };
};

/** What a test asks for besides the field. */
export function needs(test: Rule["test"]): "values" | "range" | "days" | "nothing" {
  if (test === "range") return "range";
  if (test === "older_than" || test === "newer_than") return "days";
  return test === "exists" ? "nothing" : "values";
}

/** What stands in a rule that its test doesn't ask for is left out; undefined = it isn't complete. */
export function complete(r: Rule): Rule | undefined {
  const out: Rule = { name: r.name.trim(), of: r.of, field: r.field, test: r.test, weight: r.weight };
  if (!out.name || !Number.isInteger(r.weight) || r.weight === 0) return undefined;
  switch (needs(r.test)) {
    case "values":
      out.values = (r.values ?? []).map((v) => v.trim()).filter(Boolean);
      return out.values.length === 0 || (r.test === "equals" && out.values.length > 1) ? undefined : out;
    case "range":
      if (r.from != null) out.from = r.from;
      if (r.to != null) out.to = r.to;
      return out.from == null && out.to == null ? undefined : out;
    case "days":
      out.days = r.days;
      return r.days && r.days > 0 ? out : undefined;
  }
  return out;
}

/** The rules as they can be sent; undefined while one isn't complete. */
export function asked(d: RuleSet): RuleSet | undefined {
  const rules = d.rules.map(complete);
  if (rules.length === 0 || rules.some((r) => !r) || d.review_lead > d.qualified_lead) return undefined;
  if (new Set(rules.map((r) => r!.name)).size !== rules.length) return undefined;
  return { ...d, rules: rules as Rule[] };
}

/** All that a rule can ask, in words; one that it asks already stands among them, whatever it is. */
export function fieldOptions(own: string[], current: string[]): { value: string; label: string }[] {
  const out = Object.entries(s.fields).map(([value, label]) => ({ value, label }));
  for (const [p, label] of Object.entries(facts.predicates)) out.push({ value: "fact." + p, label: s.fact(label) });
  for (const name of own) out.push({ value: "custom." + name, label: s.own(name) });
  for (const c of current) if (!out.some((o) => o.value === c)) out.push({ value: c, label: fieldInWords(c) });
  return out;
}

export function fieldInWords(field: string): string {
  if (field.startsWith("fact.")) return s.fact((facts.predicates as Record<string, string>)[field.slice(5)] ?? field.slice(5));
  return field.startsWith("custom.") ? s.own(field.slice(7)) : (s.fields[field] ?? field);
}
