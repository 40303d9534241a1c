import { counted } from "../format";

export const whatIf = {
  title: "What if it had been stopped otherwise",
  about: "Plays the decisions once more with other rules: the same people in the same arms, looked at on the same days. Nothing is kept, and nothing changes.",
  success: "Success is",
  window: "Within days",
  ask: "Replay with these rules",
  own: "As it is set",
  rule: "Rule",
  stops: "Would have stopped",
  never: "never",
  for: "For",
  people: "Written to by then",
  then: "Then",
  looks: (n: number) => `${counted(n, "look", "looks")}`,
  sooner: (n: number) => `after ${counted(n, "day", "days")}`,
  held: "still ahead at the end",
  turned: "not ahead at the end",
  end: "At the end",
  confidence: (percent: string) => `${percent} sure`,
  readTo: (n: string) => `History read to event ${n}, verified.`,
};
