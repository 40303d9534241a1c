import { counted } from "../format";

/** Companies of which something is known. Imported by their pages only. */
export const companies = {
  title: "Companies",
  one: "Company",
  about: "Of which something is known, by the domain of their people's addresses.",
  columns: { name: "Company", domain: "Domain", since: "Known since" },
  unnamed: "Not named",
  empty: "No company is known yet.",
  emptyNeeds: "A company stands here as soon as a fact about it is found: on its web site, or by you on the page of somebody who works there.",
  more: "Show more",
  facts: "What may be said",
  noFacts: "Nothing is known of it.",
  people: "People",
  noPeople: "Nobody with an address there is a lead.",
  score: (lead?: number, intent?: number) => (lead === undefined ? "" : `${lead} / ${intent ?? 0}`),
  scoreHint: "lead score / intent score",
  count: (n: number) => counted(n, "person", "people"),
  readings: "Its web site",
  noReadings: "It wasn't read yet.",
  open: "The company, with all that is known of it",
};
