import { api, must } from "@/api/client";

type Header = { "Idempotency-Key": string };
export type Reply = { id: string; undo_until: string };

// The server's description has these only from the version on that can send answers.
const untyped = api as unknown as Record<"POST" | "DELETE", (path: string, o: unknown) => Promise<{ data?: unknown; error?: unknown; response: Response }>>;

export const sendReply = (thread: string, body: { text: string; undo_seconds: number }, header: Header) => must(untyped.POST("/v1/inbox/{id}/replies", { params: { path: { id: thread }, header }, body })) as Promise<Reply>;
export const takeBack = (id: string, header: Header) => must(untyped.DELETE("/v1/inbox/replies/{id}", { params: { path: { id }, header } }));
