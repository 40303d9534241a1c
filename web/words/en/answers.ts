import { counted } from "../format";

export const answers = {
  title: "A draft answer",
  by: { template: "by rules", llm: "by a language model" } as Record<string, string>,
  use: "Use this draft",
  used: "It stands in the field. Nothing is sent before you send it.",
  why: "What carries each sentence",
  leftOut: (n: number) => `${counted(n, "sentence is", "sentences are")} left out: nothing carries ${n === 1 ? "it" : "them"}`,
  byItself: "This was sent without a person, as your organisation has it for requests for a meeting.",
  automation: "Answers without a person",
  automationAbout: (max: number) =>
    `Who asks for a meeting gets the booking link. Only where the mail surely means that, a person wrote it, and there are booking hours; at most ${max} answers a conversation, never to automatic mail. Each can be taken back for two minutes.`,
  meeting: "Answer requests for a meeting",
  on: "Requests for a meeting are answered from now on.",
  off: "Nothing is answered without a person.",
};
