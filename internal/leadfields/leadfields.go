// Package leadfields is the table of a lead's typed fields: what the columns of files, the variables of templates, the
// API's schemas and examples are made from.
package leadfields

import "slices"

// Field is a typed field of a lead.
type Field struct {
	Name      string // as in JSON, templates and columns
	Label     string // one or two words, for the API's description
	MaxLength int    // in the API, in characters
	Example   string
	Mask      string   // how who may not see people sees it: x-pii of the API's description
	Synonyms  []string // what people call it in files, letters and digits only, lower case
}

// Email is the field that every lead has.
const Email = "email"

//nolint:gochecknoglobals // a table that nobody writes to
var fields = [...]Field{
	{Email, "Address", 320, "ann@example.com", "contact", []string{"email", "emailaddress", "mail", "mailaddress", "emails", "workemail", "businessemail", "primaryemail", "contactemail", "emailadresse", "courriel", "correo", "correoelectronico", "adresseemail", "email1", "e-mail"}},
	{"first_name", "First name", 200, "Ann", "name", []string{"firstname", "first", "givenname", "forename", "vorname", "prenom", "nombre", "fname", "contactfirstname"}},
	{"last_name", "Last name", 200, "Lee", "name", []string{"lastname", "last", "surname", "familyname", "nachname", "nom", "apellido", "apellidos", "lname", "contactlastname"}},
	{"phone", "Phone", 50, "+1 555 0100", "text", []string{"phone", "phonenumber", "telephone", "tel", "mobile", "mobilephone", "workphone", "directphone", "telefon", "telefono", "cell"}},
	{"company_name", "Company", 200, "Example Ltd", "name", []string{"company", "companyname", "organization", "organisation", "account", "accountname", "employer", "firma", "unternehmen", "entreprise", "societe", "empresa"}},
	{"job_title", "Job", 200, "Head of Sales", "text", []string{"title", "jobtitle", "position", "role", "function", "berufsbezeichnung", "poste", "cargo", "puesto"}},
	{"linkedin_url", "LinkedIn profile", 500, "https://example.com/in/ann", "text", []string{"linkedin", "linkedinurl", "linkedinprofile", "personlinkedinurl", "linkedinlink"}},
	{"website", "Website", 500, "https://example.com", "text", []string{"website", "url", "companywebsite", "web", "homepage", "domain", "companydomain", "site"}},
	{"city", "City", 200, "Berlin", "text", []string{"city", "town", "ort", "stadt", "ville", "ciudad"}},
	{"country", "Country", 100, "Germany", "text", []string{"country", "land", "pays", "pais", "countrycode"}},
}

// All lists the fields, the address first.
func All() []Field { return slices.Clone(fields[:]) }

// Names lists their names, as in JSON.
func Names() []string {
	out := make([]string, len(fields))
	for i := range fields {
		out[i] = fields[i].Name
	}
	return out
}
