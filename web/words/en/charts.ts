export const charts = {
  asPicture: "Save as a picture",
  asTable: "Show as table",
  asChart: "Show as chart",
  keys: "Arrow keys go over its points.",
  day: "Day",
  settling: "May still change: its 72 hours are not over",
};
