import { counted } from "../format";

export const cost = {
  title: "AI cost",
  each: (money: string, person: boolean) => `${money} for each ${person ? "person" : "message"}`,
  calls: (n: number, money: string) => `${counted(n, "call", "calls")} of language models, ${money}`,
  tasks: { extract: "reads a page", write: "writes a text", classify: "reads an answer" } as Record<string, string>,
};
