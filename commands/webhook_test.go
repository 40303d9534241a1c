package commands_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var (
	hookID = uuid.MustParse("01990000-0000-7000-8000-0000000000d1")
	askID  = uuid.MustParse("01990000-0000-7000-8000-0000000000d2")
)

func hook(id uuid.UUID) events.WebhookRef { return events.WebhookRef{WebhookID: id} }

func hookSettings(types ...string) events.WebhookSettings {
	return events.WebhookSettings{Name: "Warehouse", URL: sealed, Types: types, Version: 1}
}

func hookAdded(types ...string) events.WebhookAdded {
	return events.WebhookAdded{WebhookRef: hook(hookID), Kind: events.WebhookEndpoint, WebhookSettings: hookSettings(types...)}
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	add := commands.AddWebhook(hookAdded("message.replied"))
	there := given(founded(), hookAdded("message.replied"))
	with := func(more ...events.Event) facts {
		return append(given(founded(), hookAdded("message.replied")), more...)
	}
	off := events.WebhookDisabled{WebhookRef: hook(hookID), Reason: events.WebhookOffAsked}
	changed := func(change func(*commands.AddWebhook)) commands.AddWebhook {
		c := add
		change(&c)
		return c
	}
	full := given(founded())
	for n := range commands.MaxWebhooks {
		full = append(full, events.WebhookAdded{WebhookRef: hook(es.DeriveID(org, strconv.Itoa(n))), Kind: events.WebhookRESTHook, WebhookSettings: hookSettings()})
	}
	many := make([]string, 101)
	for n := range many {
		many[n] = strconv.Itoa(n)
	}
	name, types, yes, no, otherURL := "Other", []string{"lead.created"}, true, false, events.Sealed{K: 9, C: []byte("other")}
	after := func(set func(*events.WebhookSettings)) events.WebhookChanged {
		s := hookSettings("message.replied")
		set(&s)
		return events.WebhookChanged{WebhookRef: hook(hookID), WebhookSettings: s}
	}
	kit().Run(t, map[string]estest.Case{
		"a webhook is added":                  {Given: given(founded()), When: add, Then: facts{hookAdded("message.replied")}, Again: estest.NothingToDo()},
		"a REST hook is one":                  {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Kind = events.WebhookRESTHook }), Then: facts{events.WebhookAdded(changed(func(c *commands.AddWebhook) { c.Kind = events.WebhookRESTHook }))}, Again: estest.NothingToDo()},
		"a webhook has an id":                 {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.WebhookID = uuid.Nil }), Refused: "invalid"},
		"a webhook is of a known kind":        {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Kind = "pigeon" }), Refused: "invalid"},
		"a webhook leads somewhere":           {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.URL = events.Sealed{} }), Refused: "invalid"},
		"a webhook has a version":             {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Version = 0 }), Refused: "invalid"},
		"a name is short":                     {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Name = string(make([]byte, 101)) }), Refused: "invalid"},
		"a type is named":                     {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Types = []string{""} }), Refused: "invalid"},
		"a type is chosen once":               {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Types = []string{"a", "a"} }), Refused: "invalid"},
		"types are bounded":                   {Given: given(founded()), When: changed(func(c *commands.AddWebhook) { c.Types = many }), Refused: "invalid"},
		"an id is of one webhook":             {Given: given(founded(), hookAdded("lead.created")), When: add, Refused: "already_exists", Detail: map[string]uuid.UUID{"id": hookID}},
		"webhooks are bounded":                {Given: full, When: add, Refused: "invalid"},
		"one less leaves space for a webhook": {Given: full[:len(full)-1], When: add, Then: facts{hookAdded("message.replied")}, Again: estest.NothingToDo()},

		"a name is changed":              {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Name: &name}, Then: facts{after(func(s *events.WebhookSettings) { s.Name = name })}, Again: estest.NothingToDo()},
		"types are changed":              {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Types: &types}, Then: facts{after(func(s *events.WebhookSettings) { s.Types = types })}, Again: estest.NothingToDo()},
		"a URL is changed":               {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), URL: otherURL}, Then: facts{after(func(s *events.WebhookSettings) { s.URL = otherURL })}, Again: estest.NothingToDo()},
		"a version is changed":           {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Version: 2}, Then: facts{after(func(s *events.WebhookSettings) { s.Version = 2 })}, Again: estest.NothingToDo()},
		"people are told of":             {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Personal: &yes}, Then: facts{after(func(s *events.WebhookSettings) { s.Personal = true })}, Again: estest.NothingToDo()},
		"it is switched off":             {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Off: &yes}, Then: facts{off}, Again: estest.NothingToDo()},
		"it is switched on":              {Given: with(off), When: commands.ChangeWebhook{WebhookRef: hook(hookID), Off: &no}, Then: facts{events.WebhookEnabled{WebhookRef: hook(hookID)}}, Again: estest.NothingToDo()},
		"nothing is changed into itself": {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Off: &no}, Noop: true},
		"no bad name is taken":           {Given: there, When: commands.ChangeWebhook{WebhookRef: hook(hookID), Types: &many}, Refused: "invalid"},
		"nothing unknown is changed":     {Given: given(founded()), When: commands.ChangeWebhook{WebhookRef: hook(hookID), Name: &name}, Refused: "not_found"},

		"a secret is rotated":             {Given: there, At: anchor, When: commands.RotateWebhookSecret{WebhookRef: hook(hookID), RotationID: askID, OldUntil: anchor.Add(commands.MaxOverlap)}, Then: facts{events.WebhookSecretRotated{WebhookRef: hook(hookID), RotationID: askID, OldUntil: anchor.Add(commands.MaxOverlap)}}, Again: estest.NothingToDo()},
		"a rotation has an id":            {Given: there, At: anchor, When: commands.RotateWebhookSecret{WebhookRef: hook(hookID)}, Refused: "invalid"},
		"an old secret ends":              {Given: there, At: anchor, When: commands.RotateWebhookSecret{WebhookRef: hook(hookID), RotationID: askID, OldUntil: anchor.Add(commands.MaxOverlap + time.Microsecond)}, Refused: "invalid"},
		"no unknown secret is rotated":    {Given: given(founded()), When: commands.RotateWebhookSecret{WebhookRef: hook(hookID), RotationID: askID}, Refused: "not_found"},
		"a webhook that is gone is off":   {Given: there, When: commands.DisableWebhook{WebhookRef: hook(hookID), Reason: events.WebhookOffGone, Status: 410}, Then: facts{events.WebhookDisabled{WebhookRef: hook(hookID), Reason: events.WebhookOffGone, Status: 410}}, Again: estest.NothingToDo()},
		"a webhook that fails is off":     {Given: there, When: commands.DisableWebhook{WebhookRef: hook(hookID), Reason: events.WebhookOffFailing, Since: anchor}, Then: facts{events.WebhookDisabled{WebhookRef: hook(hookID), Reason: events.WebhookOffFailing, Since: anchor}}, Again: estest.NothingToDo()},
		"deliveries give those reasons":   {Given: there, When: commands.DisableWebhook{WebhookRef: hook(hookID), Reason: events.WebhookOffAsked}, Refused: "invalid"},
		"what is off stays so":            {Given: with(off), When: commands.DisableWebhook{WebhookRef: hook(hookID), Reason: events.WebhookOffGone}, Noop: true},
		"what is gone can't be off":       {Given: given(founded()), When: commands.DisableWebhook{WebhookRef: hook(hookID), Reason: events.WebhookOffGone}, Noop: true},
		"a webhook is removed":            {Given: there, When: commands.RemoveWebhook{WebhookRef: hook(hookID)}, Then: facts{events.WebhookRemoved{WebhookRef: hook(hookID)}}, Again: estest.RefusedAs("not_found")},
		"no unknown webhook is removed":   {Given: given(founded()), When: commands.RemoveWebhook{WebhookRef: hook(hookID)}, Refused: "not_found"},
		"a removed webhook is gone":       {Given: with(events.WebhookRemoved{WebhookRef: hook(hookID)}), When: commands.TestWebhook{WebhookRef: hook(hookID), TestID: askID}, Refused: "not_found"},
		"a webhook is tested":             {Given: there, When: commands.TestWebhook{WebhookRef: hook(hookID), TestID: askID}, Then: facts{events.WebhookTested{WebhookRef: hook(hookID), TestID: askID}}, Again: estest.OnceMore()},
		"a test has an id":                {Given: there, When: commands.TestWebhook{WebhookRef: hook(hookID)}, Refused: "invalid"},
		"what is off isn't tested":        {Given: with(off), When: commands.TestWebhook{WebhookRef: hook(hookID), TestID: askID}, Refused: "wrong_status"},
		"a period is replayed":            {Given: there, At: anchor.AddDate(0, 1, 0), When: commands.ReplayWebhook{WebhookRef: hook(hookID), ReplayID: askID, From: anchor, To: anchor.Add(commands.MaxReplay)}, Then: facts{events.WebhookReplayRequested{WebhookRef: hook(hookID), ReplayID: askID, From: anchor, To: anchor.Add(commands.MaxReplay)}}, Again: estest.OnceMore()},
		"a period has an end":             {Given: there, At: anchor.AddDate(0, 2, 0), When: commands.ReplayWebhook{WebhookRef: hook(hookID), ReplayID: askID, From: anchor, To: anchor}, Refused: "invalid"},
		"a period isn't too long":         {Given: there, At: anchor.AddDate(0, 2, 0), When: commands.ReplayWebhook{WebhookRef: hook(hookID), ReplayID: askID, From: anchor, To: anchor.Add(commands.MaxReplay + 1)}, Refused: "invalid"},
		"the future isn't replayed":       {Given: there, At: anchor, When: commands.ReplayWebhook{WebhookRef: hook(hookID), ReplayID: askID, From: anchor.Add(-time.Hour), To: anchor.Add(time.Microsecond)}, Refused: "invalid"},
		"nothing is replayed to an off":   {Given: with(off), At: anchor, When: commands.ReplayWebhook{WebhookRef: hook(hookID), ReplayID: askID, From: anchor.Add(-time.Hour), To: anchor}, Refused: "wrong_status"},
		"a delivery is made once more":    {Given: there, When: commands.RedeliverWebhook{WebhookRef: hook(hookID), RedeliveryID: askID, DeliveryID: askID}, Then: facts{events.WebhookRedeliveryRequested{WebhookRef: hook(hookID), RedeliveryID: askID, DeliveryID: askID}}, Again: estest.OnceMore()},
		"a redelivery names its delivery": {Given: there, When: commands.RedeliverWebhook{WebhookRef: hook(hookID), RedeliveryID: askID}, Refused: "invalid"},
		"no unknown one is redelivered":   {Given: given(founded()), When: commands.RedeliverWebhook{WebhookRef: hook(hookID), RedeliveryID: askID, DeliveryID: askID}, Refused: "not_found"},
	})
}
