import { saveAs } from "@/app/save-as";

const around = 16; // px
const sharper = 2; // pixels of the picture for one on screen

/** Saves a chart as it is drawn, with its title above, as a PNG file. */
export function savePicture(drawn: SVGSVGElement, title: string) {
  const width = drawn.clientWidth + 2 * around;
  const height = drawn.clientHeight + 2 * around + 24;
  const style = getComputedStyle(document.documentElement);
  const named = (text: string) => text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("x", String(around));
  copy.setAttribute("y", String(around + 24));
  copy.setAttribute("overflow", "visible");
  copy.removeAttribute("class");
  for (const e of copy.querySelectorAll("[fill],[stroke]"))
    for (const name of ["fill", "stroke"]) {
      const value = e.getAttribute(name);
      if (value) e.setAttribute(name, value === "currentColor" ? named("var(--text-2)") : named(value));
    }
  const all = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const set = (e: Element, attributes: Record<string, string>) => Object.entries(attributes).forEach(([k, v]) => e.setAttribute(k, v));
  set(all, { width: String(width), height: String(height), "font-family": "Inter, system-ui, sans-serif" });
  const ground = document.createElementNS(all.namespaceURI!, "rect");
  set(ground, { width: "100%", height: "100%", fill: named("var(--surface-0)") });
  const head = document.createElementNS(all.namespaceURI!, "text");
  set(head, { x: String(around), y: String(around + 12), fill: named("var(--text-1)"), "font-size": "14", "font-weight": "600" });
  head.textContent = title;
  all.append(ground, head, copy);
  const picture = new Image();
  picture.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width * sharper;
    canvas.height = height * sharper;
    const to = canvas.getContext("2d")!;
    to.scale(sharper, sharper);
    to.drawImage(picture, 0, 0);
    canvas.toBlob((b) => b && saveAs(b, title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-") + ".png"), "image/png");
  };
  picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(all));
}
