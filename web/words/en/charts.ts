export const charts = {
  asPicture: "Save as a picture",
  asTable: "Show as table",
  asChart: "Show as chart",
  keys: "Arrow keys go over its points.",
  keysStretch: "Arrow keys go over its points; with Shift they choose several, which Enter takes.",
  stretch: (from: string, to: string, n: number) => `${from} to ${to}: ${n} points. Let go, or press Enter, to look at them alone.`,
  day: "Day",
  settling: "May still change: its 72 hours are not over",
};
