import { counted } from "../format";

export const evidence = {
  title: "What carries each sentence",
  all: "A fact or approved text carries every sentence.",
  some: (n: number, of: number) => `${counted(n, "sentence", "sentences")} of ${of} ${n === 1 ? "has" : "have"} no fact behind ${n === 1 ? "it" : "them"}. The draft can't be approved so: edit it, write it anew, or answer for it.`,
  subject: "Subject",
  approved: "approved text",
  fact: "a fact about them",
  field: "a field of theirs",
  shown: "What carries each sentence",
  leftOut: (why: string) => `left out: ${why}`,
  replaced: "replaced by the fact's own words",
  claim: (version: number) => `an approved sentence about ourselves, version ${version}`,
  lapsed: (why: string) => `${lapses[why] ?? "Something that it says doesn't hold any more."} Edit it, write it anew, or answer for it.`,
  answered: (why: string) => `Somebody answers for it: ${why}`,
  reason: "Why it is true all the same",
  answer: "Answer for this draft",
  answeredFor: "The draft may be approved.",
  because: (r: { code: string; word?: string }) => {
    const say = reasons[r.code] ?? r.code;
    return r.word ? `“${r.word}” ${say}` : say;
  },
};

const lapses: Record<string, string> = {
  fact_stale: "A fact that it says may not be said any more.",
  fact_expired: "A fact that it says is too old.",
  claim_retired: "A sentence about ourselves that it says was retired.",
  claim_changed: "A sentence about ourselves that it says has other words now.",
  lead_changed: "A field of this person has changed since it was written.",
  claim_expired: "A sentence about ourselves that it says may be said no more: its time is over.",
};

const reasons: Record<string, string> = {
  not_cited: "no fact is named for it",
  unknown_fact: "the fact isn't known",
  several_facts: "it says several facts at once",
  stale_fact: "the fact may not be said any more",
  two_sentences: "it is more than one sentence",
  question: "it asks what the campaign doesn't ask",
  hidden_character: "it has characters that nobody sees",
  markup: "is markup",
  link: "isn't a link of the campaign",
  promise: "promises what isn't approved",
  number: "isn't the fact's number",
  date: "isn't the fact's date",
  moving_date: "names a day that moves: it was so when the fact was found",
  name: "isn't a name of the fact",
  quotation: "the quotation isn't the source's",
  negation: "turns the fact round",
  modality: "makes it more or less certain",
  quantifier: "makes it more or fewer",
  cause: "gives a reason that the fact doesn't",
  wrong_subject: "isn't whom the fact is about",
  order: "stands elsewhere in the fact",
  left_out: "is left out",
  not_in_fact: "isn't in the fact",
  too_long: "it is too long",
};
