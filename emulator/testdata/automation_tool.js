"use strict";
const twilio = require("twilio");

const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_KEY: key, TWILIO_API_SECRET: secret, CLOUDFORGOT_URL: emulator } = process.env;
const client = twilio(key, secret, { accountSid });
const to = "whatsapp:+15558675310";
const from = "whatsapp:+14155238886";
const hour = 3600 * 1000;

// refusal returns the status and code with which Twilio refuses something.
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return `${error.status} ${error.code}`;
  }
  return "not refused";
}

async function main() {
  // The connection.
  const account = await client.api.v2010.accounts(accountSid).fetch();
  const numbers = await client.incomingPhoneNumbers.list({ limit: 20 });
  const services = await client.messaging.v1.services.list({ limit: 20 });
  const refused = await refusal(twilio(key, "wrong", { accountSid }).messages.list({ limit: 1 }));

  // Sending, by a number and by a messaging service.
  const sent = await client.messages.create({ to, from, body: "by number" });
  await fetch(`${emulator}/_emulator/settle`, { method: "POST" });
  const byService = await client.messages.create({ to, messagingServiceSid: services[0].sid, body: "by service" });
  await fetch(`${emulator}/_emulator/settle`, { method: "POST" });

  // Lists with filters.
  const mine = { to, from };
  const bodies = async (filter) => (await client.messages.list(filter)).map((message) => message.body).filter((body) => body.startsWith("by "));
  const listed = await bodies({ ...mine, limit: 50 });
  const between = await bodies({ ...mine, dateSentAfter: new Date(Date.now() - hour), dateSentBefore: new Date(Date.now() + hour), limit: 50 });
  const elsewhere = await bodies({ to, from, dateSentBefore: new Date(Date.now() - 48 * hour), limit: 50 });
  const paged = (await bodies({ ...mine, pageSize: 1 })).length;

  const conversation = await client.conversations.v1.conversations.create({ friendlyName: "by key" });
  const own = await client.newKeys.create({ friendlyName: "for a moment" });
  const other = twilio(own.sid, own.secret, { accountSid });
  await other.messages.list({ limit: 1 });
  await client.keys(own.sid).remove();
  const revoked = await refusal(other.messages.list({ limit: 1 }));

  console.log(JSON.stringify({
    account: account.status, type: account.type, numbers: numbers.length, services: services.length, refused, sent: sent.status,
    service: byService.status, listed, between, elsewhere, paged, conversation: conversation.accountSid, revoked,
  }));
}

main();
