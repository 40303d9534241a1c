// Package stripelike is a stand-in for Stripe: it keeps state, has a clock of its own, pages on which a plan is "paid" or "declined", and sends signed
// notifications, late, twice and out of order where it is asked to. It speaks what Outrider uses of the API of 2023-10-16, with objects shaped as the
// examples of Stripe's own mock (templates.json, from stripe-mock v0.162.0, MIT). Nobody pays anything.
package stripelike
