package evidence

import (
	"slices"
	"strings"
)

// The lists say what a word is called when it is refused, and which words are written in more than one way. What passes is decided by equality, so that a word missing here is refused too.
const (
	negations = " not no never none nobody nothing nowhere neither nor without hardly barely scarcely rarely seldom non "
	modals    = " may might could can will would shall should must ought plan plans planning planned intend intends intending expect expects expected hope hopes hoping aim aims" +
		" want wants consider considers considering likely unlikely probably possibly perhaps maybe reportedly allegedly apparently supposedly seem seems appear appears" +
		" about approximately around roughly nearly almost over under least up potentially going "
	quantifiers = " all every each any some many most few several both half only just always often usually sometimes mostly entire entirely whole completely much more fewer less everyone everything "
	causes      = " because so therefore thus hence due thanks cause causes caused lead leads led result results consequently since as "
	promises    = " guarantee guarantees guaranteed promise promises promised discount discounts discounted free refund refunds price prices priced pricing cheaper cheapest warranty" +
		" rebate coupon voucher bonus offer offers commit commits committed waive waived savings trial" +
		" rabatt rabatte gutschein erstattung gratis kostenlos garantie garantiert garantieren preis remise remboursement gratuit gratuite garantit descuento reembolso gratuito garantía sconto rimborso garanzia "
	// counted stand for another amount when their article is gone: "a few", "the most".
	counted = " little lot lots number numbers couple single sole handful bulk rest same "
	// relatives are days that move: they are true only on the day on which they were written.
	relatives = " yesterday today tomorrow tonight recently lately ago soon newly upcoming "
	moving    = " last this next past coming previous current "
	spans     = " day days week weeks month months year years quarter quarters season decade spring summer autumn fall winter morning evening monday tuesday wednesday thursday friday saturday sunday weekend "
	// closed are small words and parts of verbs after which a date may belong to something else than the verb before them.
	closed = " of for to by on about after before that which who whose where when while and or but as than if until since because into under over through during against between not no via per" +
		" built made sold known held bought left begun led won grown shut run lost cut set spent sent kept given taken written seen done born drawn driven found worn due "
	places = " in at from near to by with "
	// openings say how the writer came to know; they claim nothing of the fact.
	openings = "i saw that|i saw|i see that|i see|i noticed that|i noticed|i read that|i read|we saw that|we saw|we noticed that|we noticed|we read that|we read"
)

func among(list, word string) bool { return strings.Contains(list, " "+word+" ") }

// spelled returns the one form of a word that is written in several.
func spelled(w string) []string {
	switch w {
	case "is", "are", "am", "be":
		return []string{"be"}
	case "was", "were":
		return []string{"was"}
	case "has", "have":
		return []string{"have"}
	case "does", "do":
		return []string{"do"}
	case "an":
		return []string{"a"}
	case "&":
		return []string{"and"}
	case "cannot", "can't":
		return []string{"can", "not"}
	case "won't":
		return []string{"will", "not"}
	case "shan't":
		return []string{"shall", "not"}
	case "it's", "that's", "there's", "he's", "she's", "who's", "what's":
		return []string{strings.TrimSuffix(w, "'s"), "be"}
	}
	for _, end := range []struct{ short, long string }{{"n't", "not"}, {"'re", "be"}, {"'ve", "have"}, {"'ll", "will"}, {"'m", "be"}, {"'s", "'s"}} {
		if before, ok := strings.CutSuffix(w, end.short); ok && before != "" {
			return append(spelled(before), end.long)
		}
	}
	return []string{w}
}

// patterns returns how a predicate may be said; {} is the object. The first is how it is written.
func patterns(predicate string) []string {
	switch predicate {
	case "industry":
		return []string{"works in {}", "work in {}", "is in {}", "is active in {}"}
	case "employees":
		return []string{"has {} employees", "employs {} people", "employ {} people", "is a team of {}", "has {} people"}
	case "location":
		return []string{"is based in {}", "is in {}", "has an office in {}"}
	case "founded":
		return []string{"was founded in {}", "started in {}"}
	case "hiring":
		return []string{"is hiring {}", "is looking for {}", "has an opening for {}", "is looking to hire {}"}
	case "uses":
		return []string{"uses {}", "use {}", "works with {}", "work with {}"}
	case "makes":
		return []string{"makes {}", "make {}", "builds {}", "build {}"}
	case "sells":
		return []string{"sells {}", "sell {}"}
	case "customer":
		return []string{"has {} as a customer", "serves {}", "serve {}"}
	case "raised":
		return []string{"raised {}", "has raised {}"}
	case "launched":
		return []string{"launched {}", "has launched {}"}
	case "opened":
		return []string{"opened {}", "has opened {}"}
	case "acquired":
		return []string{"acquired {}", "has acquired {}", "bought {}", "has bought {}"}
	case "partner":
		return []string{"partners with {}", "partner with {}", "works with {}", "work with {}"}
	case "won":
		return []string{"won {}", "has won {}"}
	case "hired":
		return []string{"hired {}", "has hired {}"}
	case "grew":
		return []string{"grew {}", "has grown {}"}
	case "moved":
		return []string{"moved {}", "has moved {}"}
	case "role":
		return []string{"is {}", "works as {}", "work as {}"}
	case "said":
		return []string{"said {}", "wrote {}", "has said {}"}
	}
	return nil
}

// Predicates returns what a fact may say of its subject.
func Predicates() []string {
	return []string{"industry", "employees", "location", "founded", "hiring", "uses", "makes", "sells", "customer", "raised", "launched", "opened", "acquired", "partner", "won", "hired", "grew",
		"moved", "role", "said", Statement}
}

// Known reports whether a predicate is one of Predicates.
func Known(predicate string) bool { return predicate == Statement || patterns(predicate) != nil }

// personal reports whether a predicate said of "you" is said of one person: what a company's page says, its reader didn't.
func personal(predicate string) bool { return predicate == "role" || predicate == "said" }

// patternsOf returns how a fact may be said. A person's town is no office.
func patternsOf(f Fact) []string {
	all := patterns(f.Predicate)
	if f.About == AboutLead && f.Predicate == "location" {
		all = slices.DeleteFunc(all, func(p string) bool { return strings.Contains(p, "office") })
	}
	return all
}

// callings returns what a sentence may call the subject of a fact, longest first where one begins with another.
func callings(f Fact) []string {
	var out []string
	switch f.About {
	case AboutLead:
		out = []string{"you"}
	case AboutCompany:
		out = []string{"your company", "your team"}
		if !personal(f.Predicate) {
			out = append(out, "you")
		}
	case AboutUs:
		out = []string{"our team", "our company", "we"}
	}
	return append(out, f.Names...)
}
