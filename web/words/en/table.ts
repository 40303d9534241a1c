export const table = {
  selection: "Selection",
  selectAll: "Select all rows that are loaded",
  select: "Select this row",
  selected: (n: number) => `${n} selected`,
  total: (n: string) => `${n} in all`,
};
