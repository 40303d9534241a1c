import { formatCount } from "../format";

const dollars = (micros: number) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(micros / 1_000_000);

export const usageNotice = {
  plans: "Plan and usage",
  hide: "Hide until it changes",
  texts: {
    leads_per_month: {
      80: (used: number, limit: number, day: string) => `${formatCount(used)} of this period's ${formatCount(limit)} leads are used${day && `; at this pace all of them by ${day}`}.`,
      100: (_: number, limit: number, day: string) => `All of this period's ${formatCount(limit)} leads are used: nobody new is enrolled before ${day}.`,
    },
    leads_stored: {
      80: (used: number, limit: number) => `${formatCount(used)} of the ${formatCount(limit)} leads that the plan stores are here.`,
      100: (_: number, limit: number) => `The plan stores ${formatCount(limit)} leads, and they are here: no more are taken.`,
    },
    ai_budget_micros: {
      80: (used: number, limit: number, day: string) => `${dollars(used)} of this period's ${dollars(limit)} for language models are spent${day && `; at this pace all of it by ${day}`}.`,
      100: (_: number, limit: number, day: string) => `This period's ${dollars(limit)} for language models are spent: no model is asked before ${day}.`,
    },
  } as Record<string, Record<80 | 100, (used: number, limit: number, day: string) => string>>,
};
