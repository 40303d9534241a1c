export const reportEdit = {
  weekday: "On",
  weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  day: "On the day of the month",
  edit: "Edit",
  editOf: (name: string) => `Edit ${name}`,
  changedMeanwhile: "Somebody else has changed this report meanwhile. What you typed is still here: save again to replace what they did, or close to see it.",
  keptAsIs: (by: string[], filters: string[]) => `Stays as it is: ${[...by.map((x) => `also broken down by ${x}`), ...filters.map((x) => `only some of ${x}`)].join(", ")}.`,
};
