import { api, must, type Schemas } from "@/api/client";

type Header = { "Idempotency-Key": string };

export const sendReply = (thread: string, body: Schemas["InboxReplyCreate"], header: Header) => must(api.POST("/v1/inbox/{id}/replies", { params: { path: { id: thread }, header }, body }));
export const takeBack = (id: string, header: Header) => must(api.DELETE("/v1/inbox/replies/{id}", { params: { path: { id }, header } }));
