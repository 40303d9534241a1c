import { counted } from "../format";

export const launchRequests = {
  title: "Request to launch",
  ask: (n: number) => `Ask for launch to ${counted(n, "person", "people")}`,
  note: "What they should know",
  noteHint: "Those who may launch are told. May be left out.",
  asked: "Those who may launch are told",
  askedBy: (who: string) => `${who} asked for the launch`,
  you: "You",
  somebody: "Somebody",
  takeBack: "Take it back",
  takenBack: "The request is taken back",
  decline: "Decline",
  declined: "The request is declined",
  filter: "Launch asked for",
};
