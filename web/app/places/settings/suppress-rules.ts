/** Returns the addresses and domains of a text, one a line or by commas, each once. */
export function valuesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).map((x) => x.trim()).filter(Boolean))];
}
