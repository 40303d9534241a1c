import { w } from "@/words";

const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/(Headless)?Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/** A browser's own words made short: "Firefox, Windows"; of what isn't a browser the first word. */
export function agentInWords(agent: string): string {
  const browser = browsers.find(([r]) => r.test(agent))?.[1];
  const system = systems.find(([r]) => r.test(agent))?.[1];
  if (browser) return [browser, system].filter(Boolean).join(", ");
  return agent.split(/[\s(]/)[0] || w.settings.security.unknownAgent;
}
