import { counted } from "../format";

export const htmlView = {
  show: "Show as laid out",
  hide: "Show the text",
  title: (who: string) => `Mail of ${who}, as laid out`,
  about: "Without images, styles and scripts: nothing is loaded, and looking tells nobody. Links go nowhere here.",
  showImages: (n: number) => `Show ${counted(n, "image", "images")}`,
  hideImages: "Hide images",
  aboutImages: "Images come by way of this server. Whoever sent the mail can tell that somebody looks, but not who or where. Those inside the mail aren't kept. Links go nowhere here.",
};
