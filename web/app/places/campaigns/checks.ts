import type { Schemas } from "@/api/client";
import { w } from "@/words";
import type { StepText, VariantText } from "./diff";
import { guardedIn, hasValue, leadVariables, linksIn, systemVariables, usedIn, wordsIn } from "./liquid";

export type Check = { level: "bad" | "warn" | "good"; text: string; fix?: string };
type Person = Schemas["Lead"];

export type TextAbout = { first: boolean; known: ReadonlySet<string> | undefined; people: Person[]; footer: boolean; postalAddress: boolean };

/** What is to be said about one text. What the server refuses is bad; the rest is advice. */
export function checkText(v: Pick<VariantText, "subject" | "body">, about: TextAbout): Check[] {
  const c = w.campaigns;
  const out: Check[] = [];
  const both = v.subject + "\n" + v.body;
  if (!v.body.trim()) out.push({ level: "bad", text: c.checkEmpty });
  if (about.first && !v.subject.trim()) out.push({ level: "bad", text: c.checkNoSubject });
  const guarded = guardedIn(both);
  for (const u of usedIn(both)) {
    const standard = (leadVariables as readonly string[]).includes(u.name) || (systemVariables as readonly string[]).includes(u.name);
    if (!standard && about.known && !about.known.has(u.name.replace(/^custom\./, ""))) {
      out.push({ level: "bad", text: c.checkUnknown(u.name) });
      continue;
    }
    if (u.fallback || guarded.has(u.name) || about.people.length === 0) continue;
    const without = about.people.filter((p) => !hasValue(p as never, u.name)).length;
    if (without > 0) out.push({ level: "warn", text: c.checkMissing(u.name, without, about.people.length), fix: c.checkMissingFix(u.name) });
  }
  const words = wordsIn(v.body);
  if (words > 180) out.push({ level: "warn", text: c.checkLong(words) });
  if (v.subject.length > 70) out.push({ level: "warn", text: c.checkLongSubject(v.subject.length) });
  if (about.first && /^re:/i.test(v.subject.trim())) out.push({ level: "warn", text: c.checkRe });
  const links = linksIn(v.body);
  if (links.length > 3) out.push({ level: "warn", text: c.checkLinks(links.length) });
  if (links.some((l) => l.startsWith("http:"))) out.push({ level: "warn", text: c.checkHttp });
  if (!about.footer && !/\{\{-?\s*unsubscribe_link/.test(v.body)) out.push({ level: "bad", text: c.checkNoUnsubscribe, fix: c.checkFooterFix });
  if (!about.footer && !/\{\{-?\s*postal_address/.test(v.body)) out.push({ level: "bad", text: c.checkNoAddress, fix: c.checkFooterFix });
  if (!about.postalAddress) out.push({ level: "bad", text: c.checkOrgAddress });
  return out;
}

/** What is to be said about the sequence as a whole. */
export function checkSequence(steps: StepText[], settings: { max_follow_ups: number; follow_up_days: number }): Check[] {
  const c = w.campaigns;
  const out: Check[] = [];
  if (steps.length === 0) out.push({ level: "bad", text: c.checkNoSteps });
  if (steps.length - 1 > settings.max_follow_ups) out.push({ level: "bad", text: c.checkTooMany(steps.length - 1, settings.max_follow_ups) });
  steps.forEach((s, i) => {
    if (i > 0 && s.delay_days < settings.follow_up_days) out.push({ level: "bad", text: c.checkDelay(i + 1, s.delay_days, settings.follow_up_days) });
    if (s.variants.every((v) => v.weight === 0)) out.push({ level: "bad", text: c.checkWeight(i + 1) });
  });
  return out;
}
