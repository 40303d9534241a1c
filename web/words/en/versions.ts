import { counted, formatCount } from "../format";

const people = (n: number) => counted(n, "person", "people");

export const versions = {
  title: "People on older versions",
  keep: (n: number, version: number) => `${people(n)} ${n === 1 ? "goes" : "go"} on with version ${version}`,
  could: (n: number, version: number) => `${people(n)} could go on with version ${version}.`,
  none: (version: number) => `None of them can go on with version ${version}: what they have had isn't how it begins, or a message is on its way.`,
  open: (n: number, version: number) => `Move ${people(n)} to version ${version}…`,
  ask: (n: number, version: number) => `Move ${people(n)} to version ${version}?`,
  about: "What they have had stays, and when their next step is due. Their next step is that of the new version. It can't be taken back.",
  group: (n: number, version: number, had: number, next: string) => `${people(n)} of version ${version} ${n === 1 ? "has" : "have"} had ${counted(had, "step", "steps")}; next: ${next}`,
  reasons: {
    in_flight: (n: number) => `${people(n)} ${n === 1 ? "keeps" : "keep"} theirs: a message of theirs is on its way`,
    past: (n: number) => `${people(n)} ${n === 1 ? "keeps" : "keep"} theirs: what they have had isn't how the new version begins`,
  } as Record<string, (n: number) => string>,
  chosen: (n: number, version: number) => `Move ${people(n)} to version ${version}?`,
  looking: "First it is looked up who of them can.",
  nobody: "None of them can.",
  there: (n: number, version: number) => `${people(n)} ${n === 1 ? "is" : "are"} on version ${version} already, or at the end`,
  move: (n: number, version: number) => `Move ${people(n)} to version ${version}`,
  moving: (done: number) => `${formatCount(done)} moved…`,
  moved: (n: number, version: number) => `${people(n)} ${n === 1 ? "goes" : "go"} on with version ${version}`,
  stepN: (n: number, subject: string) => `step ${n}${subject ? `, “${subject}”` : ""}`,
};
