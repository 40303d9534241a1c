// Package evidencereport plants sentences whose truth is known, and counts what the gate of internal/evidence makes of them: facts are made, said truly in several ways, and falsified in
// thirteen. It knows nothing of the gate's word lists.
package evidencereport

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"outrider/internal/evidence"
)

// planted is a fact with what its sentences are made of.
type planted struct {
	evidence.Fact

	subject   string // as sentences name it
	verb      string // after the subject, for a third person
	addressed string // after "you"; "" = it isn't said so
	other     string // another true verb; "" = none
	object    string // with all below in it
	number    string // a figure in it; "" = none
	date      string // the last words of it, with "in" or "on"; "" = none
	name      string // a proper name in it; "" = none
	second    string // another one, of the same sort
	role      string // a common noun that says what somebody or something is
	quoted    string // the words quoted
	limit     string // words that narrow it
	negative  bool
	modal     string
	cause     string
	quantity  string
	inner     bool    // its date isn't that of its verb
	moving    bool    // its date moves, so that nothing of it may be said
	twists    []twist // what is false of this fact only
}

// twist is a sentence that reads like the fact, and says something else.
type twist struct{ kind, text string }

func pick(r *rand.Rand, list string) string {
	all := strings.Split(list, "|")
	return all[r.IntN(len(all))]
}

// another returns an entry that isn't the one given.
func another(r *rand.Rand, list, not string) string {
	for {
		if x := pick(r, list); x != not {
			return x
		}
	}
}

const (
	companies = "Brightwater Foods|Kestrel Logistics|Nordlicht Software|Ashgrove Textiles|Meridian Robotics|Pinecrest Health|Saltmarsh Energy|Quillon Analytics|Harbour Lane Media|Tessera Payments"
	cities    = "Hamburg|Rotterdam|Leeds|Porto|Vilnius|Boston|Austin|Lyon|Graz|Bergen|Toronto|Osaka"
	tools     = "Kafka|Postgres|Salesforce|Terraform|Snowflake|Kubernetes|HubSpot|Airtable|Node.js|dbt"
	roles     = "platform engineer|data analyst|warehouse manager|account executive|product designer|quality inspector"
	areas     = "operations|finance|marketing|purchasing|security|logistics"
	groups    = "private customers|public bodies|resellers|schools|hospitals"
	quotes    = "We stopped guessing and started measuring|Speed matters less than trust|Our customers asked for fewer meals in plastic|Nobody here misses the spreadsheets"
	months    = "January|February|March|April|May|June|July|August|September|October|November|December"
	goods     = "sorting machines|rain jackets|payment terminals|ready meals|cargo bikes"
)

func year(r *rand.Rand) int { return 2015 + r.IntN(10) }

func when(r *rand.Rand) string {
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("in %d", year(r))
	case 1:
		return fmt.Sprintf("in %s %d", pick(r, months), year(r))
	}
	return fmt.Sprintf("on %d %s %d", 1+r.IntN(28), pick(r, months), year(r))
}

// sorts are how many sorts of facts there are.
const sorts = 23

// plant makes a fact of one of them.
func plant(r *rand.Rand, id string, sort int) (p planted) {
	company := pick(r, companies)
	p = planted{subject: company, Fact: evidence.Fact{ID: id, About: evidence.AboutCompany, Names: []string{company, company + " Ltd"}}}
	n := fmt.Sprint(2 + r.IntN(97))
	city, date := pick(r, cities), when(r)
	switch sort % sorts {
	case 0:
		role := pick(r, roles)
		p.set("hired", "hired", "hired", "has hired", n+" "+role+"s "+date)
		p.number, p.date, p.role = n, date, role
	case 1:
		investor := pick(r, "Oakline Ventures|Fjord Capital|Redstone Partners")
		p.set("raised", "raised", "raised", "has raised", "$"+n+"M from "+investor+" "+date)
		p.number, p.date, p.name = "$"+n+"M", date, investor
	case 2:
		p.set("opened", "opened", "opened", "has opened", "an office in "+city+" "+date)
		p.name, p.date = city, date
	case 3:
		first := pick(r, tools)
		second := another(r, tools, first)
		p.set("uses", "uses", "use", "works with", first+" and "+second)
		p.name, p.second = first, second
	case 4:
		role := pick(r, roles)
		p.set("hiring", "is hiring", "are hiring", "is looking for", "a "+role+" in "+city)
		p.name, p.role, p.limit = city, role, " in "+city
	case 5:
		p.quoted = pick(r, quotes)
		p.About, p.subject = evidence.AboutLead, "Dana Whitfield"
		p.Names = []string{"Dana Whitfield"}
		p.set("said", "said", "said", "", `"`+p.quoted+`"`)
	case 6:
		bought := another(r, companies, company)
		p.set("acquired", "acquired", "acquired", "bought", bought+" for "+n+" million euros")
		p.name, p.number = bought, n
	case 7:
		p.set("employees", "has", "have", "", n+" employees")
		p.Object, p.number = n, n
	case 8:
		group := pick(r, groups)
		p.statement("does not sell to "+group+" in "+city, "do not sell to "+group+" in "+city)
		p.name, p.negative, p.limit = city, true, " in "+city
	case 9:
		p.statement("plans to open "+n+" shops in "+city, "plan to open "+n+" shops in "+city)
		p.number, p.name, p.modal, p.limit = n, city, "plans to ", " in "+city
	case 10:
		other := another(r, cities, city)
		p.statement("moved from "+city+" to "+other+" because the old building was sold", "moved from "+city+" to "+other+" because the old building was sold")
		p.name, p.second, p.cause = city, other, " because the old building was sold"
	case 11:
		p.statement("ships most orders from "+city, "ship most orders from "+city)
		p.name, p.quantity, p.limit = city, "most", " from "+city
	case 12:
		area := pick(r, areas)
		p.About, p.subject, p.Names = evidence.AboutLead, "Dana Whitfield", []string{"Dana Whitfield"}
		p.set("role", "is", "are", "works as", "head of "+area+" at "+company)
		p.role, p.name = area, company
	case 13:
		thing := pick(r, goods)
		p.set("makes", "makes", "make", "builds", thing+" in "+city)
		p.role, p.name, p.limit = thing, city, " in "+city
	default:
		p.plantTricky(r, sort%sorts, n, city)
	}
	return p
}

// plantTricky makes facts whose false variants differ by their least: where a date belongs, an article, a capital letter, who is meant.
func (p *planted) plantTricky(r *rand.Rand, sort int, n, city string) {
	made, company := fmt.Sprint("in ", year(r)), p.subject
	first := strings.ToUpper(made[:1]) + made[1:]
	switch sort {
	case 14:
		bought := another(r, companies, company)
		p.set("acquired", "acquired", "acquired", "bought", bought+", founded "+made)
		p.name, p.date, p.inner = bought, made, true
		p.twists = []twist{{"date", first + ", you acquired " + bought + ", founded."}}
	case 15:
		p.statement("sold the mill that it had built "+made, "sold the mill that it had built "+made)
		p.date, p.inner = made, true
		p.twists = []twist{{"date", first + ", " + company + " sold the mill that it had built."}, {"date", first + ", you sold the mill that it had built."}}
	case 16:
		p.set("won", "won", "won", "has won", "a contract for deliveries "+made)
		p.date, p.inner = made, true
		p.twists = []twist{{"date", first + ", you won a contract for deliveries."}}
	case 17:
		some, without, _ := strings.Cut(pick(r, "a few=few|a little=little|the most=most|the same=same"), "=")
		p.statement("has "+some+" business in "+city, "have "+some+" business in "+city)
		p.name, p.quantity, p.limit = city, some, " in "+city
		p.twists = []twist{{"scope", "You have " + without + " business in " + city + "."}}
	case 18:
		p.statement("sold the "+n+" shops in "+city, "sold the "+n+" shops in "+city)
		p.number, p.name, p.limit = n, city, " in "+city
		p.twists = []twist{{"number", "You sold " + n + " shops in " + city + "."}, {"number", company + " sold " + n + " shops in " + city + "."}}
	case 19:
		p.set("raised", "raised", "raised", "has raised", "A$"+n+"M "+made)
		p.date = made
		p.twists = []twist{{"number", "You raised $" + n + "M " + made + "."}, {"number", first + ", you raised $" + n + "M."}}
	case 20:
		name, other, _ := strings.Cut(pick(r, "US customers=us customers|IT services=it services|polish for shoes=Polish for shoes|apple juice=Apple juice|march music=March music"), "=")
		p.set("sells", "sells", "sell", "", name)
		p.twists = []twist{{"name", "You sell " + other + "."}, {"name", company + " sells " + other + "."}}
	case 21:
		when := pick(r, "last month|this week|last spring|yesterday|recently|two weeks ago|last "+pick(r, months)+"|next year|earlier this year")
		p.set("launched", "launched", "launched", "has launched", "a shop in "+city+" "+when)
		p.name, p.moving = city, true
		p.twists = []twist{{"date", "You launched a shop in " + city + " " + when + "."}, {"date", company + " launched a shop in " + city + " " + when + "."}}
	case 22:
		other := another(r, companies, company)
		p.set("customer", "has", "have", "", other+" as a customer")
		p.Object, p.name = other, other
		p.twists = []twist{{"role", "You work for " + other + "."}, {"role", company + " works for " + other + "."}, {"role", other + " has " + company + " as a customer."}}
	}
}

func (p *planted) set(predicate, verb, addressed, other, object string) {
	p.Predicate, p.Object, p.verb, p.addressed, p.other, p.object = predicate, object, verb, addressed, other, object
}

// statement is a fact of a whole sentence: verb and object are its words after the subject.
func (p *planted) statement(said, addressed string) {
	verb, object, _ := strings.Cut(said, " ")
	you, _, _ := strings.Cut(addressed, " ")
	p.Predicate, p.Object, p.verb, p.addressed, p.object = evidence.Statement, p.subject+" "+said+".", verb, you, object
}
