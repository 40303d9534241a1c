export const htmlView = {
  show: "Show as laid out",
  hide: "Show the text",
  title: (who: string) => `Mail of ${who}, as laid out`,
  about: "Without pictures, styles and scripts: nothing is loaded, and looking tells nobody. Links go nowhere here.",
};
