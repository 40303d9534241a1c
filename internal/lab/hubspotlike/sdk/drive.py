"""HubSpot's own client (2026-03) works with the stand-in, and HubSpot's own check takes its signatures. One line of JSON says what it saw."""
import json
import os

import hubspot_sdk
from hubspot.utils.signature import Signature
from hubspot_sdk import HubSpot

client = HubSpot(access_token="pat-test-1", base_url=os.environ["HUBSPOTLIKE_URL"], max_retries=0)
crm = client.crm
names = [p.name for p in crm.properties.list("contacts").results]
crm.properties.groups.create("emails", name="outrider", label="Outrider")
unique = crm.properties.create("emails", name="outrider_id", label="Outrider ID", group_name="outrider", type="string", field_type="text", has_unique_value=True)
made = crm.objects.contacts.batch.upsert(inputs=[
    {"id": "ann@example.com", "id_property": "email", "object_write_trace_id": "t1", "properties": {"firstname": "Ann"}},
    {"id": "bob@example.com", "id_property": "email", "object_write_trace_id": "t2", "properties": {"firstname": "Bob"}},
])
again = crm.objects.contacts.batch.upsert(inputs=[{"id": "ann@example.com", "id_property": "email", "properties": {"firstname": "Anna"}}])
ann = made.results[0].id
read = crm.objects.contacts.batch.get(inputs=[{"id": "bob@example.com"}], id_property="email", properties=["firstname"], properties_with_history=[])
changed = crm.objects.contacts.batch.update(inputs=[{"id": ann, "properties": {"city": "Rome"}}])
found = crm.objects.contacts.search(filter_groups=[{"filters": [{"property_name": "hs_object_id", "operator": "GT", "value": "0"}]}], sorts=["hs_object_id"], properties=["firstname"], limit=1, after="0")
mail = crm.objects.emails.batch.upsert(inputs=[{"id": "sent:1", "id_property": "outrider_id", "properties": {"hs_timestamp": "1767225600000", "hs_email_direction": "EMAIL"}}])
joined = crm.associations.batch.create_default("contacts", from_object_type="emails", inputs=[{"from": {"id": mail.results[0].id}, "to": {"id": ann}}])
out = client.communication_preferences.statuses.batch.unsubscribe_all(channel="EMAIL", inputs=["ann@example.com"])
members = crm.lists.list_memberships("7", limit=1)
owners = crm.owners.list().results
account = client.account.get()
refused = ""
try:
    crm.objects.contacts.batch.upsert(inputs=[{"id": "x", "id_property": "nothing", "properties": {}}])
except hubspot_sdk.BadRequestError as e:
    refused = e.body["category"]
crm.objects.contacts.delete(made.results[1].id)
signed = Signature.is_valid(signature=os.environ["HUBSPOTLIKE_SIGNATURE"], client_secret="secret", request_body=os.environ["HUBSPOTLIKE_BODY"], http_uri="https://ours.example.com/v1/integration-events/hubspot",
                            signature_version="v3", timestamp=os.environ["HUBSPOTLIKE_TIMESTAMP"])
print(json.dumps({
    "properties": "firstname" in names, "unique": unique.has_unique_value, "new": [r.new for r in made.results], "traces": [r.object_write_trace_id for r in made.results], "again": again.results[0].new, "anna": again.results[0].properties["firstname"],
    "read": read.results[0].properties["firstname"], "changed": changed.results[0].properties["city"], "found": [found.total, len(found.results)], "mail": mail.results[0].new, "joined": len(joined.results), "out": out.status,
    "member": members.results[0].record_id, "owner": owners[0].first_name, "account": account.portal_id, "refused": refused, "signed": signed,
}))
