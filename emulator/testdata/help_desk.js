// What a help desk does with Twilio at its first start: it tests the connection, synchronises templates, sends one, and shows the
// customer's reply, an image, and how far its own messages are.
"use strict";
const assert = require("node:assert");
const http = require("node:http");
const twilio = require("twilio");

const { CLOUDFORGOT_URL: emulator, SID: accountSid, TOKEN: authToken, IMAGE: image } = process.env;
const client = twilio(accountSid, authToken);
const customer = "+15558675310";
const sandbox = "whatsapp:+14155238886";

// The desk's server: webhooks by path, in the order in which they came. Their signatures must be right.
const heard = { "/callback": [], "/status": [] };
const desk = http.createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const params = Object.fromEntries(new URLSearchParams(body));
    const signed = twilio.validateRequest(authToken, request.headers["x-twilio-signature"], base + request.url, params);
    heard[request.url].push({ ...params, signed });
    response.writeHead(204).end();
  });
});
let base;

// control calls the emulator's own API: it is the Console, the customer's phone, and time.
async function control(method, path, body) {
  const answer = await fetch(emulator + "/_emulator" + path, {
    method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json().catch(() => null);
}

const phone = "/phones/" + encodeURIComponent(customer);

async function testConnection() {
  const account = await client.api.v2010.accounts(accountSid).fetch();
  assert.deepStrictEqual([account.sid, account.status], [accountSid, "active"]);
  assert.deepStrictEqual(await client.incomingPhoneNumbers.list({ limit: 20 }), []);
  const services = await client.messaging.v1.services.list({ limit: 20 });
  const { defaultMessagingServiceSid } = await client.conversations.v1.configuration().fetch();
  assert.ok(services.some((service) => service.sid === defaultMessagingServiceSid));
  assert.strictEqual((await client.messaging.v1.services(defaultMessagingServiceSid).fetch()).accountSid, accountSid);
  await client.messages.list({ limit: 1 });
}

async function synchroniseTemplates() {
  const templates = await client.content.v1.contentAndApprovals.list({ limit: 1000, pageSize: 2 });
  const contents = await client.content.v1.contents.list({ limit: 1000 });
  assert.strictEqual(templates.length, contents.length);
  const appointment = templates.find((template) => template.friendlyName === "Appointment Reminders");
  assert.strictEqual(appointment.approvalRequests.status, "approved");
  assert.deepStrictEqual(appointment.variables, { 1: "12/1", 2: "3pm" });
  assert.strictEqual(appointment.types["twilio/text"].body, "Your appointment is coming up on {{1}} at {{2}}");
  return appointment;
}

// makeTemplate makes a template of the desk's own, with buttons, and waits for its approval.
async function makeTemplate() {
  const made = await client.content.v1.contents.create({
    friendly_name: "satisfied", language: "en", variables: { 1: "Ada" },
    types: { "twilio/quick-reply": { body: "Are you satisfied, {{1}}?", actions: [{ type: "QUICK_REPLY", title: "Yes", id: "yes" }] } },
  });
  const submitted = await client.content.v1.contents(made.sid).approvalCreate.create({ name: "satisfied", category: "UTILITY" });
  assert.strictEqual(submitted.status, "received");
  await control("POST", "/clock", { advance: "5m" });
  const approval = await client.content.v1.contents(made.sid).approvalFetch().fetch();
  assert.strictEqual(approval.whatsapp.status, "approved");
  return made;
}

async function send(contentSid, variables) {
  const message = await client.messages.create({
    from: sandbox, to: "whatsapp:" + customer, contentSid, contentVariables: JSON.stringify(variables), statusCallback: base + "/status",
  });
  await control("POST", "/clock", { advance: "3s" }); // the sandbox sends one message in three seconds
  await control("POST", "/settle");
  return message;
}

async function receive(question) {
  await control("POST", phone + "/messages", { body: "Yes", button: { text: "Yes" } });
  await control("POST", "/settle"); // webhooks of two messages may come in any order
  await control("POST", phone + "/messages", { body: "Look", file: { filename: "look.png", content: image } });
  await control("POST", "/settle");
  const [reply, picture] = heard["/callback"];
  assert.deepStrictEqual([reply.Body, reply.ButtonPayload, reply.OriginalRepliedMessageSid, reply.AccountSid], ["Yes", "yes", question.sid, accountSid]);
  assert.deepStrictEqual([picture.NumMedia, picture.MediaContentType0], ["1", "image/png"]);
  const answer = await fetch(picture.MediaUrl0, { headers: { Authorization: "Basic " + btoa(accountSid + ":" + authToken) } });
  assert.strictEqual(Buffer.from(await answer.arrayBuffer()).toString("base64"), image);
}

async function run() {
  await new Promise((listening) => desk.listen(0, "127.0.0.1", listening));
  base = "http://127.0.0.1:" + desk.address().port;
  await control("POST", phone + "/join", { code: process.env.CODE });
  await testConnection();
  await control("POST", "/sandboxes/" + accountSid, { inbound_url: base + "/callback" });
  const appointment = await synchroniseTemplates();
  const question = await makeTemplate();
  await control("POST", "/clock", { advance: "25h" }); // free text would not arrive any more
  const sent = [await send(appointment.sid, { 1: "24/12" }), await send(question.sid, {})];
  await receive(sent[1]);
  for (const message of sent) {
    const statuses = heard["/status"].filter((status) => status.MessageSid === message.sid).map((status) => status.MessageStatus);
    assert.deepStrictEqual(statuses, ["sent", "delivered", "read"]);
    assert.strictEqual((await client.messages(message.sid).fetch()).status, "read");
  }
  assert.ok([...heard["/callback"], ...heard["/status"]].every((webhook) => webhook.signed), "a webhook is not signed correctly");
  const thread = await control("GET", phone + "/messages");
  console.log(JSON.stringify(thread.messages.slice(-4).map((message) => [message.body, (message.buttons || []).map((button) => button.text)])));
}

run().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
