import { queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export const organizationOptions = (id: string) => queryOptions({ queryKey: [id, "organization"], queryFn: () => must(api.GET("/v1/organizations/{id}", { params: { path: { id } } })) });
