import { counted, formatCount } from "../format";

export const states = {
  loading: "Loading",
  retry: "Try again",
  requestID: "Request",
  copy: "Copy",
  copied: "Copied",
  clear: "Clear filters",
  showMore: "Show more",
  noMatch: (filters: string) => `Nothing matches ${filters}.`,
  withoutFilters: (n: number) => `${counted(n, "row", "rows")} without filters.`,
  broken: (what: string) => `This part of the page failed: ${what}`,
  noPermission: "You may not see this.",
  notYet: "There was nothing of this yet.",
  notYetHint: "It came later, or had been taken away. Go on in time from the clock above, or back to now.",
  noPast: "This shows how it is now: its past can't be looked at here. History has what was changed.",
  missingPermission: (p: string) => `It needs the permission ${p}. Whoever manages members can give it to you.`,
  overQuota: (limit: string, used: number, max: number) => `${limit.replaceAll("_", " ")}: ${formatCount(used)} of ${formatCount(max)} used.`,
  notFound: "There is nothing at this address.",
  notFoundHint: "It may have been removed, or belong to another organisation.",
};

export const rates = {
  of: "of",
  between: (low: string, high: string) => `between ${low} and ${high}`,
};
