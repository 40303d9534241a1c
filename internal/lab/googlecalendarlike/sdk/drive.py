"""Google's own client works with the stand-in. One line of JSON says what it saw."""
import json
import os
from datetime import datetime, timezone

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

api = build("calendar", "v3", credentials=Credentials("ya29.test-1"), client_options={"api_endpoint": os.environ["GOOGLECALENDARLIKE_URL"] + "/calendar/v3/"}, static_discovery=True)
own = "host@ours.example"


def status(request):
    try:
        request.execute()
        return 200
    except HttpError as e:
        return [e.resp.status, e.error_details[0]["reason"]]


calendars = api.calendarList().list().execute()["items"]
primary = api.calendarList().get(calendarId="primary").execute()
event = {"id": "0123456789abcdef", "summary": "Meeting", "start": {"dateTime": "2026-03-29T01:30:00+01:00"}, "end": {"dateTime": "2026-03-29T03:30:00+02:00"},
         "conferenceData": {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}}
made = api.events().insert(calendarId=own, body=event, conferenceDataVersion=1, sendUpdates="none").execute()
again = status(api.events().insert(calendarId=own, body=event))
token = api.events().list(calendarId=own).execute()["nextSyncToken"]
busy = api.freebusy().query(body={"timeMin": "2026-03-28T00:00:00Z", "timeMax": "2026-03-31T00:00:00Z", "items": [{"id": own}, {"id": "nobody@ours.example"}]}).execute()["calendars"]
patch = api.events().patch(calendarId=own, eventId=made["id"], body={"start": {"dateTime": "2026-03-30T09:00:00Z"}, "end": {"dateTime": "2026-03-30T09:30:00Z"}})
patch.headers["If-Match"] = '"other"'
stale = status(patch)
patch = api.events().patch(calendarId=own, eventId=made["id"], body={"start": {"dateTime": "2026-03-30T09:00:00Z"}, "end": {"dateTime": "2026-03-30T09:30:00Z"}})
patch.headers["If-Match"] = made["etag"]
moved = patch.execute()
channel = api.events().watch(calendarId=own, body={"id": "c1", "type": "web_hook", "address": "https://ours.example.com/hook"}).execute()
ends = datetime.fromtimestamp(int(channel["expiration"]) / 1000, timezone.utc)
api.channels().stop(body={"id": "c1", "resourceId": channel["resourceId"]}).execute()
api.events().delete(calendarId=own, eventId=made["id"]).execute()
changes = api.events().list(calendarId=own, syncToken=token).execute()
print(json.dumps({
    "calendars": [c["id"] for c in calendars], "primary": primary["id"], "link": made["hangoutLink"].startswith("https://meet.google.com/"), "again": again, "busy": busy[own]["busy"], "nobody": busy["nobody@ours.example"]["errors"][0]["reason"],
    "stale": stale, "moved": moved["start"]["dateTime"], "new_etag": moved["etag"] != made["etag"], "ends": ends > datetime.now(timezone.utc), "changes": [[c["id"], c["status"]] for c in changes["items"]],
    "gone": status(api.events().delete(calendarId=own, eventId=made["id"])), "old_token": status(api.events().list(calendarId=own, syncToken="s-9")),
}))
