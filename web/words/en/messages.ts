export const messages = {
  since: (day: string) => `sent since ${day}`,
  anyDay: "Take away the filter by day",
};
