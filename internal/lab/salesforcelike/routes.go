package salesforcelike

import (
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

// any version of the API is answered: clients choose their own.
const base = "/services/data/{version}"

func (s *Server) routes() {
	handle := func(pattern string, h http.HandlerFunc) { s.mux.HandleFunc(pattern, h) }
	handle("GET /services/oauth2/authorize", s.authorize)
	handle("POST /services/oauth2/token", s.giveToken)
	handle("GET /services/oauth2/userinfo", s.userInfo)
	handle("GET "+base+"/query", s.query)
	handle("GET "+base+"/query/{locator}", s.queryMore)
	handle("GET "+base+"/sobjects/{object}/describe", s.describe)
	handle("GET "+base+"/sobjects/{object}/listviews", s.listViews)
	handle("GET "+base+"/sobjects/{object}/listviews/{id}/describe", s.describeView)
	handle("POST "+base+"/sobjects/{object}", s.createOne)
	handle("GET "+base+"/sobjects/{object}/{id}", s.getOne)
	handle("PATCH "+base+"/sobjects/{object}/{id}", s.updateOne)
	handle("DELETE "+base+"/sobjects/{object}/{id}", s.deleteOne)
	handle("PATCH "+base+"/sobjects/{object}/{field}/{value}", s.upsertOne)
	handle("POST "+base+"/composite/sobjects", s.writeMany)
	handle("PATCH "+base+"/composite/sobjects", s.writeMany)
	handle("PATCH "+base+"/composite/sobjects/{object}/{field}", s.upsertMany)
	handle("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	})
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != s.opts.Client || s.opts.Client == "" || q.Get("code_challenge") == "" || q.Get("code_challenge_method") == "plain" {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	code := "aPrx" + strconv.Itoa(len(s.codes)+1)
	s.codes[code] = q.Get("code_challenge")
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *Server) giveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Form.Get("client_id") != s.opts.Client || r.Form.Get("client_secret") != s.opts.Secret {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_client_id", "error_description": "client identifier invalid"})
		return
	}
	good := false
	switch r.Form.Get("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		challenge, known := s.codes[r.Form.Get("code")]
		good = known && challenge == base64.RawURLEncoding.EncodeToString(sum[:])
		delete(s.codes, r.Form.Get("code"))
	case "refresh_token":
		good = s.refresh != "" && r.Form.Get("refresh_token") == s.refresh
	}
	if !good {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "expired access/refresh token"})
		return
	}
	s.minted++
	instance := "http://" + r.Host
	out := map[string]any{"access_token": "00Dxx!" + strconv.Itoa(s.minted), "instance_url": instance, "id": instance + "/id/" + s.Account() + "/005xx0000000001AAA", "token_type": "Bearer", "issued_at": strconv.FormatInt(s.now().UnixMilli(), 10),
		"signature": "c2ln", "scope": "refresh_token api id"} // and no expires_in
	s.tokens["00Dxx!"+strconv.Itoa(s.minted)] = true
	if s.refresh == "" || r.Form.Get("grant_type") != "refresh_token" || s.opts.Rotate {
		s.refresh = "5Aep" + strconv.Itoa(s.minted)
		out["refresh_token"] = s.refresh
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) userInfo(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{"sub": "http://" + r.Host + "/id/" + s.Account() + "/005xx0000000001AAA", "user_id": "005xx0000000001AAA", "organization_id": s.Account(), "preferred_username": "olga@ours.example", "active": true})
}

func (s *Server) describe(w http.ResponseWriter, r *http.Request) {
	object := r.PathValue("object")
	if s.fields[object] == nil {
		problem(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	fields := []any{}
	for _, f := range s.fields[object] {
		if strings.Contains(f.name, ".") {
			continue
		}
		values := []any{}
		for i, o := range f.options {
			values = append(values, map[string]any{"active": true, "defaultValue": i == 0, "label": o, "value": o, "validFor": nil})
		}
		fields = append(fields, map[string]any{"name": f.name, "label": f.label, "type": f.kind, "updateable": !f.fixed, "createable": !f.fixed, "nillable": true, "externalId": f.external, "idLookup": f.external, "unique": false, "custom": strings.HasSuffix(f.name, "__c"),
			"length": 80, "picklistValues": values})
	}
	answer(w, http.StatusOK, map[string]any{"name": object, "label": object, "keyPrefix": prefixes[object], "custom": false, "createable": true, "updateable": true, "queryable": true, "fields": fields, "childRelationships": []any{}, "recordTypeInfos": []any{}})
}

func (s *Server) listViews(w http.ResponseWriter, r *http.Request) {
	views := []any{}
	for _, key := range slices.Sorted(maps.Keys(s.views)) {
		if object, id, _ := strings.Cut(key, " "); object == r.PathValue("object") {
			views = append(views, map[string]any{"id": id, "label": s.views[key].label, "developerName": "View" + id, "describeUrl": r.URL.Path + "/" + id + "/describe", "resultsUrl": r.URL.Path + "/" + id + "/results"})
		}
	}
	answer(w, http.StatusOK, map[string]any{"done": true, "listviews": views, "nextRecordsUrl": nil, "size": len(views), "sobjectType": r.PathValue("object")})
}

func (s *Server) describeView(w http.ResponseWriter, r *http.Request) {
	v, ok := s.views[r.PathValue("object")+" "+r.PathValue("id")]
	if !ok {
		problem(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	answer(w, http.StatusOK, map[string]any{"id": r.PathValue("id"), "query": "SELECT FirstName, LastName, Id, CreatedDate, SystemModstamp FROM " + r.PathValue("object") + " WHERE " + v.where + " ORDER BY CreatedDate DESC NULLS LAST, Id ASC NULLS FIRST",
		"columns": []any{}, "sobjectType": r.PathValue("object")})
}

// written is what a request says of a record.
type written struct {
	object, id string
	values     map[string]string
}

// decode reads a record; a name that isn't of the object is wrong.
func (s *Server) decode(object string, raw map[string]any) (out written, code string) {
	out = written{object: object, values: map[string]string{}}
	if a, ok := raw["attributes"].(map[string]any); ok && object == "" {
		out.object, _ = a["type"].(string)
	}
	for name, v := range raw {
		if name == "attributes" {
			continue
		}
		f := s.find(out.object, name)
		if f == nil || strings.Contains(name, ".") {
			return out, "INVALID_FIELD"
		}
		text := ""
		switch v := v.(type) {
		case nil:
		case string:
			text = v
		case bool:
			text = map[bool]string{true: "true", false: ""}[v]
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return out, "JSON_PARSER_ERROR"
		}
		switch {
		case f.name == "Id":
			out.id = text
		case f.fixed:
			return out, "INVALID_FIELD_FOR_INSERT_UPDATE"
		case f.kind == "boolean" && v != nil && text != "" && text != "true":
			return out, "JSON_PARSER_ERROR"
		default:
			out.values[f.name] = text
		}
	}
	return out, ""
}

// write creates or changes a record, and says what is wrong with that.
func (s *Server) write(r *http.Request, x written, is *record) (*record, string) {
	email := x.values["Email"]
	if is != nil {
		email = is.values["Email"]
	}
	if s.bad.Refuse != nil && x.object != task {
		if code := s.bad.Refuse(email); code != "" {
			return nil, code
		}
	}
	if is != nil {
		switch {
		case is.values["IsConverted"] != "":
			return nil, "CANNOT_UPDATE_CONVERTED_LEAD"
		case is.object == task && x.values["TaskSubtype"] != "":
			return nil, "INVALID_FIELD_FOR_INSERT_UPDATE"
		}
	}
	if who := x.values["WhoId"]; who != "" {
		about := s.byID[who]
		switch {
		case about == nil:
			return nil, "INVALID_CROSS_REFERENCE_KEY"
		case about.values["IsConverted"] != "":
			return nil, "FIELD_INTEGRITY_EXCEPTION"
		}
	}
	if f := s.find(x.object, "Status"); x.object == lead && x.values["Status"] != "" && !slices.Contains(f.options, x.values["Status"]) {
		return nil, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
	}
	if is != nil {
		for _, name := range []string{"LastName", "Company"} {
			if v, said := x.values[name]; said && v == "" && is.values[name] != "" {
				return nil, "REQUIRED_FIELD_MISSING"
			}
		}
		if s.change(is, x.values) {
			s.writes++
		}
		return is, ""
	}
	if x.object == lead && (x.values["LastName"] == "" || x.values["Company"] == "") {
		return nil, "REQUIRED_FIELD_MISSING"
	}
	if s.opts.Rule != "" && x.object == lead && (s.opts.Rule == "block" || !strings.Contains(r.Header.Get("Sforce-Duplicate-Rule-Header"), "allowSave=true")) && slices.ContainsFunc(s.records[lead], func(o *record) bool {
		return !o.deleted && o.values["LastName"] == x.values["LastName"] && o.values["FirstName"] == x.values["FirstName"]
	}) {
		return nil, "DUPLICATES_DETECTED"
	}
	s.writes++
	return s.create(x.object, x.values), ""
}

func saved(r *record, fresh bool, code string) map[string]any {
	if code != "" {
		return map[string]any{"success": false, "errors": []any{map[string]any{"statusCode": code, "message": "it can't be saved", "fields": []string{}}}}
	}
	return map[string]any{"id": r.id, "success": true, "created": fresh, "errors": []any{}}
}

func (s *Server) one(w http.ResponseWriter, r *http.Request) (x written, ok bool) {
	var raw map[string]any
	if json.NewDecoder(r.Body).Decode(&raw) != nil {
		problem(w, http.StatusBadRequest, "JSON_PARSER_ERROR", "it can't be read")
		return x, false
	}
	x, code := s.decode(r.PathValue("object"), raw)
	if code != "" {
		problem(w, http.StatusBadRequest, code, "No such column")
		return x, false
	}
	return x, true
}

func (s *Server) createOne(w http.ResponseWriter, r *http.Request) {
	x, ok := s.one(w, r)
	if !ok {
		return
	}
	is, code := s.write(r, x, nil)
	if code != "" {
		problem(w, http.StatusBadRequest, code, "it can't be saved")
		return
	}
	answer(w, http.StatusCreated, saved(is, true, ""))
}

func (s *Server) getOne(w http.ResponseWriter, r *http.Request) {
	is := s.byID[r.PathValue("id")]
	if is == nil || is.object != r.PathValue("object") {
		problem(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	var names []string
	for _, f := range s.fields[is.object] {
		names = append(names, f.name)
	}
	answer(w, http.StatusOK, s.shown(is, names))
}

func (s *Server) updateOne(w http.ResponseWriter, r *http.Request) {
	x, ok := s.one(w, r)
	if !ok {
		return
	}
	is := s.byID[r.PathValue("id")]
	if is == nil || is.object != x.object {
		problem(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	if _, code := s.write(r, x, is); code != "" {
		problem(w, http.StatusBadRequest, code, "it can't be saved")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) deleteOne(w http.ResponseWriter, r *http.Request) {
	if !s.remove(r.PathValue("id")) {
		problem(w, http.StatusNotFound, "ENTITY_IS_DELETED", "entity is deleted")
		return
	}
	s.writes++
	w.WriteHeader(http.StatusNoContent)
}

// upsertOne answers 201, 200, or 300 with all that have the value.
func (s *Server) upsertOne(w http.ResponseWriter, r *http.Request) {
	x, ok := s.one(w, r)
	if !ok {
		return
	}
	f := s.find(x.object, r.PathValue("field"))
	if f == nil || !f.external {
		problem(w, http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible")
		return
	}
	same := s.keyed(x.object, r.PathValue("value"))
	if len(same) > 1 {
		var all []string
		for _, o := range same {
			all = append(all, strings.TrimSuffix(r.URL.Path, f.name+"/"+r.PathValue("value"))+o.id)
		}
		answer(w, http.StatusMultipleChoices, all)
		return
	}
	x.values[f.name] = r.PathValue("value")
	var is *record
	if len(same) == 1 {
		is = same[0]
	}
	done, code := s.write(r, x, is)
	if code != "" {
		problem(w, http.StatusBadRequest, code, "it can't be saved")
		return
	}
	answer(w, map[bool]int{true: http.StatusCreated, false: http.StatusOK}[is == nil], saved(done, is == nil, ""))
}

func (s *Server) keyed(object, value string) (out []*record) {
	for _, o := range s.byKey[object+" "+value] {
		if !o.deleted && value != "" {
			out = append(out, o)
		}
	}
	return out
}

func (s *Server) many(w http.ResponseWriter, r *http.Request) (all []written, ok bool) {
	var in struct {
		Records []map[string]any `json:"records"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Records) == 0 {
		problem(w, http.StatusBadRequest, "JSON_PARSER_ERROR", "it can't be read")
		return nil, false
	}
	if len(in.Records) > 200 {
		problem(w, http.StatusBadRequest, "EXCEEDED_MAX_SIZE_REQUEST", "record count is larger than 200")
		return nil, false
	}
	for _, raw := range in.Records {
		x, code := s.decode("", raw)
		if code != "" {
			problem(w, http.StatusBadRequest, code, "No such column")
			return nil, false
		}
		all = append(all, x)
	}
	return all, true
}

// writeMany creates records, or changes those that are named by their ids; each is answered for itself.
func (s *Server) writeMany(w http.ResponseWriter, r *http.Request) {
	all, ok := s.many(w, r)
	if !ok {
		return
	}
	out := []any{}
	for _, x := range all {
		var is *record
		if r.Method == http.MethodPatch {
			if is = s.byID[x.id]; is == nil || is.object != x.object {
				out = append(out, saved(nil, false, "ENTITY_IS_DELETED"))
				continue
			}
		}
		done, code := s.write(r, x, is)
		out = append(out, saved(done, is == nil, code))
	}
	answer(w, http.StatusOK, out)
}

// upsertMany finds records by an external id.
func (s *Server) upsertMany(w http.ResponseWriter, r *http.Request) {
	all, ok := s.many(w, r)
	if !ok {
		return
	}
	f := s.find(r.PathValue("object"), r.PathValue("field"))
	if f == nil || !f.external {
		problem(w, http.StatusBadRequest, "INVALID_FIELD", "Provided external ID field does not exist or is not accessible")
		return
	}
	out := []any{}
	seen := map[string]bool{}
	for _, x := range all {
		value := x.values[f.name]
		same := s.keyed(x.object, value)
		switch {
		case value == "":
			out = append(out, saved(nil, false, "MISSING_ARGUMENT"))
		case seen[value]:
			out = append(out, saved(nil, false, "DUPLICATE_VALUE"))
		case len(same) > 1:
			out = append(out, saved(nil, false, "DUPLICATE_EXTERNAL_ID"))
		default:
			var is *record
			if len(same) == 1 {
				is = same[0]
			}
			done, code := s.write(r, x, is)
			out = append(out, saved(done, is == nil, code))
		}
		seen[value] = true
	}
	answer(w, http.StatusOK, out)
}
