import type { Tone } from "@/ui/chip";

const tones: Record<string, Tone> = { active: "good", warming: "accent", pending: "plain", suspended: "warn" };

export const mailboxTone = (status: string): Tone => tones[status] ?? "plain";
