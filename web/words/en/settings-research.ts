/** What the section Research says; only its page carries it. */
export const researchSettings = {
  reading: "Reading",
  on: "Read web sites of companies",
  onAbout: "Only a company's own site, as a guest: by the rules of its robots.txt, one page after the other. Networks that forbid it, such as LinkedIn, are never read.",
  perSite: "Pages of a site, at most",
  perSiteAbout: "In one reading. The pages about the company, its jobs and its news come first.",
  perDay: "Pages a day, at most",
  perDayAbout: "Of all campaigns together (UTC). 0 is none. Whoever isn't looked at today is looked at when they are written to later.",
  pages: "pages",
  keep: "Pages are kept for",
  keepAbout: "Encrypted, to show where a fact is from. 0 is not at all. Facts stay, with their words and addresses.",
  days: "days",
  save: "Save",
  saved: "Saved. It holds from the next reading on.",
  campaigns: "Whether the companies of its people are looked at, and how long a first message waits for that, is set on each campaign, under Schedule.",
};
