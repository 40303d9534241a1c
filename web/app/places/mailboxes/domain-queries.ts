import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";

export type Domain = Schemas["SenderDomain"];
export type Record = Schemas["SenderDomainCheck"];

export const domainsOptions = (org: string) => queryOptions({ queryKey: [org, "mailboxes", "domains"], queryFn: async () => (await must(api.GET("/v1/domains"))).data });

export const domainOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "mailboxes", "domain", id], queryFn: () => must(api.GET("/v1/domains/{id}", { params: { path: { id } } })) });

/** What can be done with a domain. */
export function useDomainActions(id: string) {
  const { org } = useSession();
  const path = { id };
  const stale = () => [
    [org, "mailboxes"],
    [org, "campaigns"],
  ];
  return {
    check: useWrite({ run: (_: void, header) => must(api.POST("/v1/domains/{id}/check", { params: { path, header } })), stale }),
    makeKey: useWrite({ run: (_: void, header) => must(api.POST("/v1/domains/{id}/signing", { params: { path, header } })), stale }),
    removeKey: useWrite({ run: (_: void, header) => must(api.DELETE("/v1/domains/{id}/signing", { params: { path, header } })), stale }),
    setHost: useWrite({ run: (host: string, header) => must(api.PUT("/v1/domains/{id}/tracking", { params: { path, header }, body: { host } })), stale }),
  };
}
