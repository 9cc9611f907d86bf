"use strict";
const client = require("twilio")("AC0123456789abcdef0123456789abcdef", "token");

client.messages.create({ to: "+15558675310", from: "+15550001111", body: process.env.TEXT })
  .then((message) => console.log(message.sid, message.body, message.status));
