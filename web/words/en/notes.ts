import { counted } from "../format";

export const notes = {
  answer: "Answer",
  note: "Note",
  how: "What is written",
  write: "Write a note",
  label: "Note for members",
  placeholder: "For your team only: it is never sent. @ names somebody.",
  save: "Leave the note",
  saveTo: (n: number) => `Leave the note, tell ${counted(n, "person", "people")}`,
  saved: "The note stands in the conversation",
  empty: "Write something first.",
  remove: "Take the note away",
  removed: "The note is taken away",
  tells: (who: string) => `Told of it: ${who}.`,
  gone: "The note can't be read any more: the person is erased.",
  by: (who: string) => `Note by ${who}`,
  program: "a program",
  formerly: "a former member",
  people: "Members",
};
