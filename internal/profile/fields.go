package profile

// Field is a typed field of a lead: what CSV columns, template variables, examples and conversions are made from.
type Field struct {
	Name     string // as in JSON, templates and columns
	Example  string
	Synonyms []string // what people call it in files, letters and digits only, lower case
	At       func(*Profile) *string
}

//nolint:gochecknoglobals // a table that nobody writes to
var fields = [...]Field{
	{"email", "ann@example.com", []string{"email", "emailaddress", "mail", "mailaddress", "emails", "workemail", "businessemail", "primaryemail", "contactemail", "emailadresse", "courriel", "correo", "correoelectronico", "adresseemail", "email1", "e-mail"},
		func(p *Profile) *string { return &p.Email }},
	{"first_name", "Ann", []string{"firstname", "first", "givenname", "forename", "vorname", "prenom", "nombre", "fname", "contactfirstname"}, func(p *Profile) *string { return &p.FirstName }},
	{"last_name", "Lee", []string{"lastname", "last", "surname", "familyname", "nachname", "nom", "apellido", "apellidos", "lname", "contactlastname"}, func(p *Profile) *string { return &p.LastName }},
	{"phone", "+1 555 0100", []string{"phone", "phonenumber", "telephone", "tel", "mobile", "mobilephone", "workphone", "directphone", "telefon", "telefono", "cell"}, func(p *Profile) *string { return &p.Phone }},
	{"company_name", "Example Ltd", []string{"company", "companyname", "organization", "organisation", "account", "accountname", "employer", "firma", "unternehmen", "entreprise", "societe", "empresa"},
		func(p *Profile) *string { return &p.CompanyName }},
	{"job_title", "Head of Sales", []string{"title", "jobtitle", "position", "role", "function", "berufsbezeichnung", "poste", "cargo", "puesto"}, func(p *Profile) *string { return &p.JobTitle }},
	{"linkedin_url", "https://example.com/in/ann", []string{"linkedin", "linkedinurl", "linkedinprofile", "personlinkedinurl", "linkedinlink"}, func(p *Profile) *string { return &p.LinkedInURL }},
	{"website", "https://example.com", []string{"website", "url", "companywebsite", "web", "homepage", "domain", "companydomain", "site"}, func(p *Profile) *string { return &p.Website }},
	{"city", "Berlin", []string{"city", "town", "ort", "stadt", "ville", "ciudad"}, func(p *Profile) *string { return &p.City }},
	{"country", "Germany", []string{"country", "land", "pays", "pais", "countrycode"}, func(p *Profile) *string { return &p.Country }},
}

// Fields lists the fields besides custom.
func Fields() []Field { return append([]Field(nil), fields[:]...) }

// Names lists the fields besides custom, as in JSON.
func Names() []string {
	out := make([]string, len(fields))
	for i := range fields {
		out[i] = fields[i].Name
	}
	return out
}

// Field is where the field of a name is kept; nil = there is no such field.
func (p *Profile) Field(name string) *string {
	for i := range fields {
		if fields[i].Name == name {
			return fields[i].At(p)
		}
	}
	return nil
}

// Example is a person with a value in every field.
func Example() (p Profile) {
	for i := range fields {
		*fields[i].At(&p) = fields[i].Example
	}
	return p
}

// FromObject reads a profile from a JSON object; what isn't text is left out.
func FromObject(object map[string]any) (p Profile) {
	for i := range fields {
		*fields[i].At(&p), _ = object[fields[i].Name].(string)
	}
	if custom, ok := object["custom"].(map[string]any); ok {
		p.Custom = make(map[string]string, len(custom))
		for name, v := range custom {
			p.Custom[name], _ = v.(string)
		}
	}
	return p
}
