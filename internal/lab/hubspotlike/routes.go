package hubspotlike

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) routes() {
	handle := func(pattern string, h http.HandlerFunc) { s.mux.HandleFunc(pattern, h) }
	handle("GET /oauth/authorize", s.authorize)
	handle("POST /oauth/"+Version+"/token", s.giveToken)
	handle("GET /account-info/"+Version+"/details", s.details)
	handle("GET /crm/owners/"+Version, s.listOwners)
	handle("GET /crm/properties/"+Version+"/{type}", s.listProperties)
	handle("GET /crm/properties/"+Version+"/{type}/{name}", s.getProperty)
	handle("POST /crm/properties/"+Version+"/{type}", s.createProperty)
	handle("POST /crm/properties/"+Version+"/{type}/groups", s.createGroup)
	handle("POST /crm/objects/"+Version+"/{type}/batch/upsert", s.upsert)
	handle("POST /crm/objects/"+Version+"/{type}/batch/update", s.update)
	handle("POST /crm/objects/"+Version+"/{type}/batch/read", s.read)
	handle("POST /crm/objects/"+Version+"/{type}/search", s.search)
	handle("DELETE /crm/objects/"+Version+"/{type}/{id}", s.archive)
	handle("POST /crm/lists/"+Version+"/search", s.searchLists)
	handle("GET /crm/lists/"+Version+"/{id}/memberships", s.members)
	handle("POST /crm/associations/"+Version+"/{from}/{to}/batch/associate/default", s.associate)
	handle("POST /communication-preferences/"+Version+"/statuses/batch/unsubscribe-all", s.unsubscribeAll)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")
	})
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != s.opts.Client || s.opts.Client == "" {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "unknown client")
		return
	}
	code := "code-" + strconv.Itoa(len(s.codes)+1)
	s.codes[code] = q.Get("code_challenge")
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *Server) giveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Form.Get("client_id") != s.opts.Client || r.Form.Get("client_secret") != s.opts.Secret {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_client"})
		return
	}
	good := false
	switch r.Form.Get("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		challenge, known := s.codes[r.Form.Get("code")]
		good = known && (challenge == "" || challenge == base64.RawURLEncoding.EncodeToString(sum[:]))
		delete(s.codes, r.Form.Get("code"))
	case "refresh_token":
		good = s.refresh != "" && r.Form.Get("refresh_token") == s.refresh
	}
	if !good {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	s.minted++
	access := "access-" + strconv.Itoa(s.minted)
	s.tokens[access], s.refresh = true, "refresh-1"
	answer(w, http.StatusOK, map[string]any{"access_token": access, "refresh_token": s.refresh, "expires_in": 1800, "token_type": "bearer", "hub_id": s.opts.Portal})
}

func (s *Server) details(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"portalId": s.opts.Portal, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD", "additionalCurrencies": []string{}, "utcOffset": "+00:00", "utcOffsetMilliseconds": 0,
		"uiDomain": "app.example.com", "dataHostingLocation": "na1"})
}

func (s *Server) listOwners(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"results": append([]owner{}, s.owners...)})
}

func (s *Server) shown(p property) map[string]any {
	return map[string]any{"name": p.Name, "label": p.Label, "type": p.Type, "fieldType": p.FieldType, "groupName": p.GroupName, "description": "", "options": append([]option{}, p.Options...), "hasUniqueValue": p.Unique, "hidden": false, "archived": false,
		"displayOrder": -1, "calculated": false, "externalOptions": false, "formField": true, "modificationMetadata": map[string]any{"archivable": true, "readOnlyDefinition": true, "readOnlyValue": p.ReadOnly}}
}

func (s *Server) listProperties(w http.ResponseWriter, r *http.Request) {
	out := []any{}
	for _, p := range s.properties[r.PathValue("type")] {
		out = append(out, s.shown(p))
	}
	answer(w, http.StatusOK, map[string]any{"results": out})
}

func (s *Server) find(t, name string) *property {
	i := slices.IndexFunc(s.properties[t], func(p property) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &s.properties[t][i]
}

func (s *Server) getProperty(w http.ResponseWriter, r *http.Request) {
	if p := s.find(r.PathValue("type"), r.PathValue("name")); p != nil {
		answer(w, http.StatusOK, s.shown(*p))
		return
	}
	problem(w, http.StatusNotFound, "OBJECT_NOT_FOUND", "property doesn't exist")
}

func (s *Server) createProperty(w http.ResponseWriter, r *http.Request) {
	var p property
	if json.NewDecoder(r.Body).Decode(&p) != nil || p.Name == "" || p.GroupName == "" || p.Label == "" {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "invalid input")
		return
	}
	if s.find(r.PathValue("type"), p.Name) != nil {
		problem(w, http.StatusConflict, "CONFLICT", "property exists")
		return
	}
	s.properties[r.PathValue("type")] = append(s.properties[r.PathValue("type")], p)
	answer(w, http.StatusCreated, s.shown(p))
}

func (s *Server) createGroup(w http.ResponseWriter, r *http.Request) {
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	answer(w, http.StatusCreated, map[string]any{"name": in["name"], "label": in["label"], "displayOrder": -1, "archived": false})
}

// input is an object of a batch.
type input struct {
	ID         string            `json:"id"`
	IDProperty string            `json:"idProperty"`
	Trace      string            `json:"objectWriteTraceId"`
	Properties map[string]string `json:"properties"`
}

func (s *Server) batch(w http.ResponseWriter, r *http.Request) (t string, inputs []input, ok bool) {
	var in struct {
		Inputs []input `json:"inputs"`
	}
	t = r.PathValue("type")
	if json.NewDecoder(r.Body).Decode(&in) != nil || s.objects[t] == nil || len(in.Inputs) == 0 || len(in.Inputs) > 100 {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "a batch has 1 to 100 inputs")
		return t, nil, false
	}
	seen := map[string]bool{}
	for _, x := range in.Inputs {
		if seen[x.ID] {
			problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "Duplicate IDs found in batch input")
			return t, nil, false
		}
		seen[x.ID] = true
		for name := range x.Properties {
			if s.find(t, name) == nil {
				problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "Property values were not valid: PROPERTY_DOESNT_EXIST "+name)
				return t, nil, false
			}
		}
	}
	return t, in.Inputs, true
}

func (s *Server) upsert(w http.ResponseWriter, r *http.Request) {
	t, inputs, ok := s.batch(w, r)
	if !ok {
		return
	}
	for _, in := range inputs {
		if p := s.find(t, in.IDProperty); p == nil || !p.Unique {
			problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "idProperty must be a unique property")
			return
		}
	}
	s.write(w, t, inputs, func(in input) (*object, bool) {
		if o := s.findBy(t, in.IDProperty, in.ID); o != nil {
			return o, false
		}
		in.Properties[in.IDProperty] = in.ID
		s.writes++
		return s.create(t, in.Properties), true
	})
}

func (s *Server) update(w http.ResponseWriter, r *http.Request) {
	t, inputs, ok := s.batch(w, r)
	if !ok {
		return
	}
	s.write(w, t, inputs, func(in input) (*object, bool) { return s.objects[t][in.ID], false })
}

// write answers 200, or 207 with what it didn't take.
func (s *Server) write(w http.ResponseWriter, t string, inputs []input, find func(input) (*object, bool)) {
	refused := func(in input) string {
		email := in.Properties["email"]
		if o := s.objects[t][in.ID]; o != nil {
			email = o.properties["email"]
		}
		if s.bad.Refuse == nil || t != contacts {
			return ""
		}
		return s.bad.Refuse(email)
	}
	if s.bad.BatchFails && slices.ContainsFunc(inputs, func(in input) bool { return refused(in) != "" }) {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "a rule of the account refuses the batch")
		return
	}
	results, errs := []any{}, []any{}
	for _, in := range inputs {
		if category := refused(in); category != "" {
			errs = append(errs, map[string]any{"status": "error", "category": category, "message": "a rule of the account refuses it", "context": map[string]any{"objectWriteTraceId": []string{in.Trace}}, "errors": []any{}, "links": map[string]string{}})
			continue
		}
		o, fresh := find(in)
		if o == nil {
			errs = append(errs, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "not found", "context": map[string]any{"ids": []string{in.ID}}, "errors": []any{}, "links": map[string]string{}})
			continue
		}
		if s.change(t, o, in.Properties) {
			s.writes++
		}
		shown := s.shownObject(t, o, nil)
		shown["new"] = fresh
		shown["objectWriteTraceId"] = in.Trace
		results = append(results, shown)
	}
	out := map[string]any{"status": "COMPLETE", "results": results, "startedAt": s.now(), "completedAt": s.now()}
	status := http.StatusOK
	if len(errs) > 0 {
		status = http.StatusMultiStatus
		out["numErrors"], out["errors"] = len(errs), errs
	}
	answer(w, status, out)
}

func (s *Server) shownObject(t string, o *object, properties []string) map[string]any {
	shown := map[string]any{}
	if properties == nil {
		for name, v := range o.properties {
			shown[name] = v
		}
	}
	for _, name := range append(properties, "hs_object_id", "lastmodifieddate", "email") {
		if v, ok := o.properties[name]; ok {
			shown[name] = v
		} else if t == contacts && s.find(t, name) != nil {
			shown[name] = nil
		}
	}
	return map[string]any{"id": o.id, "properties": shown, "createdAt": o.created, "updatedAt": o.updated, "archived": false}
}

func (s *Server) read(w http.ResponseWriter, r *http.Request) {
	var in struct {
		IDProperty string                `json:"idProperty"`
		Inputs     []struct{ ID string } `json:"inputs"`
		Properties []string              `json:"properties"`
	}
	t := r.PathValue("type")
	if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Inputs) > 100 {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "a batch has 1 to 100 inputs")
		return
	}
	results := []any{}
	for _, x := range in.Inputs {
		o := s.objects[t][x.ID]
		if in.IDProperty != "" {
			o = s.findBy(t, in.IDProperty, x.ID)
		}
		if o != nil {
			results = append(results, s.shownObject(t, o, in.Properties))
		}
	}
	status := http.StatusOK
	out := map[string]any{"status": "COMPLETE", "results": results, "startedAt": s.now(), "completedAt": s.now()}
	if missing := len(in.Inputs) - len(results); missing > 0 {
		status = http.StatusMultiStatus
		out["numErrors"], out["errors"] = 1, []any{map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.", "context": map[string]any{}, "errors": []any{}, "links": map[string]string{}}}
	}
	answer(w, status, out)
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Groups []struct {
			Filters []struct {
				Property string `json:"propertyName"`
				Operator string `json:"operator"`
				Value    string `json:"value"`
			} `json:"filters"`
		} `json:"filterGroups"`
		Sorts      []json.RawMessage `json:"sorts"` // names, or objects, or objects as text
		Properties []string          `json:"properties"`
		Limit      int               `json:"limit"`
	}
	t := r.PathValue("type")
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Limit > 200 || s.objects[t] == nil {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "invalid search")
		return
	}
	if s.bad.OnPage != nil {
		s.mu.Unlock()
		s.bad.OnPage()
		s.mu.Lock()
	}
	number := func(o *object, property string) int64 {
		switch property {
		case "lastmodifieddate":
			return o.updated.UnixMilli()
		case "hs_object_id":
			return o.number
		}
		return 0
	}
	order := ""
	if len(in.Sorts) > 0 {
		order = sortedBy(in.Sorts[0])
	}
	limit, total, now := max(in.Limit, 1), 0, s.now()
	compare := func(a, b *object) int {
		return cmp.Or(cmp.Compare(number(a, order), number(b, order)), cmp.Compare(a.number, b.number))
	}
	var found []*object // at most two pages: a large account is searched once for each page
	for _, o := range s.objects[t] {
		fits := now.Sub(o.updated) >= s.bad.Lag
		for _, g := range in.Groups {
			for _, f := range g.Filters {
				want, _ := strconv.ParseInt(f.Value, 10, 64)
				switch f.Operator {
				case "GT":
					fits = fits && number(o, f.Property) > want
				case "GTE":
					fits = fits && number(o, f.Property) >= want
				case "EQ":
					fits = fits && (number(o, f.Property) == want && want != 0 || want == 0 && o.properties[f.Property] == f.Value)
				case "HAS_PROPERTY":
					fits = fits && o.properties[f.Property] != ""
				default:
					problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "unknown operator")
					return
				}
			}
		}
		if !fits {
			continue
		}
		total++
		if found = append(found, o); len(found) == 2*limit {
			slices.SortFunc(found, compare)
			found = found[:limit]
		}
	}
	slices.SortFunc(found, compare)
	results := []any{}
	for _, o := range found[:min(len(found), limit)] {
		results = append(results, s.shownObject(t, o, append([]string{}, in.Properties...)))
	}
	out := map[string]any{"total": total, "results": results}
	if total > limit {
		out["paging"] = map[string]any{"next": map[string]any{"after": strconv.Itoa(limit)}}
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) archive(w http.ResponseWriter, r *http.Request) {
	delete(s.objects[r.PathValue("type")], r.PathValue("id"))
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) searchLists(w http.ResponseWriter, r *http.Request) {
	out := []any{}
	for _, id := range slices.Sorted(maps.Keys(s.lists)) {
		out = append(out, map[string]any{"listId": id, "name": "List " + id, "objectTypeId": "0-1", "processingType": "MANUAL", "processingStatus": "COMPLETE", "listVersion": 1, "additionalProperties": map[string]string{}})
	}
	answer(w, http.StatusOK, map[string]any{"lists": out, "hasMore": false, "offset": len(out), "total": len(out)})
}

func (s *Server) members(w http.ResponseWriter, r *http.Request) {
	all, ok := s.lists[r.PathValue("id")]
	if !ok {
		problem(w, http.StatusNotFound, "OBJECT_NOT_FOUND", "list doesn't exist")
		return
	}
	if s.bad.OnPage != nil {
		s.mu.Unlock()
		s.bad.OnPage()
		s.mu.Lock()
		all = s.lists[r.PathValue("id")]
	}
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	from, _ := strconv.Atoi(r.URL.Query().Get("after"))
	from = min(from, len(all))
	to := min(from+max(limit, 1), len(all))
	results := []any{}
	for _, id := range all[from:to] {
		results = append(results, map[string]any{"recordId": id, "membershipTimestamp": s.now()})
	}
	out := map[string]any{"results": results, "total": len(all)}
	if to < len(all) {
		out["paging"] = map[string]any{"next": map[string]any{"after": strconv.Itoa(to), "link": ""}}
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) associate(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Inputs []struct {
			From struct{ ID string } `json:"from"`
			To   struct{ ID string } `json:"to"`
		} `json:"inputs"`
	}
	from, to := r.PathValue("from"), r.PathValue("to")
	if json.NewDecoder(r.Body).Decode(&in) != nil || s.objects[from] == nil || s.objects[to] == nil {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "invalid input")
		return
	}
	results := []any{}
	for _, p := range in.Inputs {
		if s.objects[from][p.From.ID] == nil || s.objects[to][p.To.ID] == nil {
			continue
		}
		key := from + " " + p.From.ID
		if s.links[key] == nil {
			s.links[key] = map[string]bool{}
		}
		s.links[key][p.To.ID] = true
		results = append(results, map[string]any{"from": map[string]string{"id": p.From.ID}, "to": map[string]string{"id": p.To.ID}, "associationSpec": map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 198}})
	}
	answer(w, http.StatusOK, map[string]any{"status": "COMPLETE", "results": results, "startedAt": s.now(), "completedAt": s.now()})
}

func (s *Server) unsubscribeAll(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Inputs []string `json:"inputs"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || r.URL.Query().Get("channel") != "EMAIL" {
		problem(w, http.StatusBadRequest, "VALIDATION_ERROR", "invalid input")
		return
	}
	results := []any{}
	for _, email := range in.Inputs {
		if !s.optOuts[strings.ToLower(email)] {
			s.writes++
		}
		s.optOut(strings.ToLower(email))
		results = append(results, map[string]any{"subscriberIdString": email, "statuses": []any{}})
	}
	answer(w, http.StatusOK, map[string]any{"status": "COMPLETE", "results": results, "startedAt": s.now(), "completedAt": s.now()})
}

// sortedBy returns the property that a sort names.
func sortedBy(sort json.RawMessage) string {
	var name string
	if json.Unmarshal(sort, &name) == nil {
		if !strings.HasPrefix(name, "{") {
			return name
		}
		sort = json.RawMessage(name)
	}
	var object struct {
		Property string `json:"propertyName"`
	}
	_ = json.Unmarshal(sort, &object) // what isn't one sorts by nothing
	return object.Property
}
