import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type Snippet = Schemas["Snippet"];

export const snippetsOptions = (org: string) => queryOptions({ queryKey: [org, "snippets"], queryFn: async () => (await must(api.GET("/v1/snippets"))).data });

/** A snippet as it would be said in a conversation. */
export const fillSnippet = (id: string, thread: string) => must(api.GET("/v1/snippets/{id}/fill", { params: { path: { id }, query: { thread_id: thread } } }));
