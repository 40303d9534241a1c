import { counted, formatCount } from "../format";

export const bulk = {
  asking: "Seeing what would happen…",
  would: (n: number) => `${counted(n, "person", "people")} would be changed`,
  unchanged: (n: number) => `${formatCount(n)} need no change`,
  refused: (n: number) => `${formatCount(n)} refused because:`,
  nothing: "Nobody would be changed.",
  bringBack: (n: number) => `Bring ${counted(n, "person", "people")} back`,
  restore: "Restore",
  restored: (who: string) => `${who} is there again`,
  wasRemoved: "This person isn't among your leads. If they were removed they can be restored as they were; sequences that ended stay ended.",
};
