// Stripe's client (API 2023-10-16) buys, changes and ends a subscription at the stand-in, and verifies a notification. One line of JSON says what it saw.
import Stripe from "stripe";

const at = new URL(process.env.STRIPELIKE_URL);
const stripe = new Stripe("sk_test_1", { apiVersion: "2023-10-16", host: at.hostname, port: at.port, protocol: "http", maxNetworkRetries: 0, telemetry: false });

const customer = await stripe.customers.create({ name: "Acme", metadata: { organization_id: "1" } });
const prices = await stripe.prices.list({ lookup_keys: ["outrider_growth", "outrider_scale"], active: true });
const price = (key) => prices.data.find((p) => p.lookup_key === key).id;
const session = await stripe.checkout.sessions.create({
  mode: "subscription", customer: customer.id, line_items: [{ price: price("outrider_growth"), quantity: 1 }],
  success_url: "https://app.example.com/paid", cancel_url: "https://app.example.com/left", allow_promotion_codes: true,
});
const declined = await fetch(session.url + "/decline", { method: "POST" });
const paid = await fetch(session.url + "/pay", { method: "POST", redirect: "manual" });
const done = await stripe.checkout.sessions.retrieve(session.id);
const subscription = await stripe.subscriptions.retrieve(done.subscription);
const preview = await stripe.invoices.retrieveUpcoming({ customer: customer.id, subscription: subscription.id, subscription_items: [{ id: subscription.items.data[0].id, price: price("outrider_scale") }], subscription_proration_behavior: "create_prorations" });
const changed = await stripe.subscriptions.update(subscription.id, { items: [{ id: subscription.items.data[0].id, price: price("outrider_scale") }], proration_behavior: "create_prorations" });
const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
const portal = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: "https://app.example.com" });
const invoices = await stripe.invoices.list({ customer: customer.id });
const canceled = await stripe.subscriptions.cancel(subscription.id);
let missing = "";
try {
  await stripe.subscriptions.retrieve("sub_404");
} catch (e) {
  missing = e.code;
}
const event = stripe.webhooks.constructEvent(process.env.STRIPELIKE_BODY, process.env.STRIPELIKE_SIGNATURE, "whsec_1");
console.log(JSON.stringify({
  declined: (await declined.text()).includes("declined"), paid: paid.status, status: subscription.status, preview: preview.lines.data.length, changed: changed.items.data[0].price.lookup_key,
  ending: ending.cancel_at_period_end, portal: portal.url.startsWith(at.origin), invoices: invoices.data.map((i) => i.status), canceled: canceled.status, missing, event: event.type,
}));
