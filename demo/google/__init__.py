"""A simulated Google: OAuth, Calendar v3 and People v1 with their batch endpoints under Google's own paths on one root URL.

    python -m demo.google --port 8500 --redirect-uri 'http://127.0.0.1:8000/index.php?module=Google&…'

The unmodified google-api-python-client works against it with
`build_from_document(dict(document, rootUrl="http://127.0.0.1:8500/"))`, and so does requests-oauthlib with
`/o/oauth2/v2/auth` and `/token`. Nothing leaves the machine; mails are only noted (`/_sim/outbox`).

Seed
----
A JSON object; dates may be written `{today}`, `{today+3}`, `{monday-7}`, `{monday:compact}` (20261123):

    {
      "clients":   [{"client_id", "client_secret", "redirect_uris": [], "project"?}],
      "accounts":  [{"email", "name"?, "time_zone"?, "locale"?, "sub"?}],       each has a primary calendar
      "calendars": [{"id", "summary", "owner", "time_zone"?, "description"?, "roles"?: {email: role}}],
      "events":    [{"calendar": calendar id, "exceptions"?: [{"day", … the body of events.patch}],
                    … the body of events.insert}],
      "labels":    [{"account": e-mail, "name"}],
      "contacts":  [{"account": e-mail, "labels"?: [names], … the body of people.createContact}],
      "switches":  {…}
    }

Control, JSON in and out
------------------------
    GET    /_sim/health     /_sim/state     /_sim/counters     /_sim/outbox     /_sim/faults
    GET    /_sim/occurrences  ?calendar= &since= &until=    what its page shows, series occurrence by occurrence
    GET    /_sim/log        ?route= &user= &last=N          DELETE clears entries and counters
    POST   /_sim/faults     a rule, see demo.google.faults  DELETE clears
    POST   /_sim/clock      {advance_s} or {now}
    POST   /_sim/switches   see demo.google.switches
    POST   /_sim/latency    {latency_ms?, part_latency_ms?}
    POST   /_sim/edit       {email, calendar?, operation, event_id?, body?, send_updates?}
                            operation: insert, patch, update or delete
    POST   /_sim/edit-person  {email, operation, resource_name?, body?}: create, update or delete
    POST   /_sim/edit-group   {email, label}, or {email, resource_name, add?: [], remove?: []}
    POST   /_sim/rename-person, touch-person    {email, resource_name}: another name; another etag only
    POST   /_sim/expire-sync-tokens    {calendar?} or {email?} (contacts)
    POST   /_sim/share      {calendar, email, role or null}
    POST   /_sim/revoke     {email}
    POST   /_sim/token      {email, scopes: [], client_id?}: tokens without the consent pages
    POST   /_sim/account    {email, name?, time_zone?, locale?}
    POST   /_sim/clients    {client_id, client_secret, redirect_uris: []}
    POST   /_sim/reset      back to the seed; clients stay

Where things are
----------------
`server` (sockets) → `site` (which path is whose) → `consent`, `oauth`, `control`, `pages`, or `dispatch` and
`batch` for the APIs. An API is a module with ROUTES, listed in `dispatch.APIS`: `calendar_api`,
`calendars_api`, `people_api`, `groups_api`. What calls do is in `events`, `listing`, `recurrence`, `attendees`, and for
contacts in `people_writer`, `people_listing`; what there is, in `world`, `model` and `people_model`.
"""
