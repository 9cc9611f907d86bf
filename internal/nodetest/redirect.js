// Leads requests for *.twilio.com, by https or, as in the links of an emulator without TLS, by http, to the emulator at CLOUDFORGOT_URL, with their Host header, as a changed name lookup would.
"use strict";
const http = require("http");
const https = require("https");

const emulator = new URL(process.env.CLOUDFORGOT_URL);
const plain = http.request;

// optionsOf returns the arguments of https.request in the form of its options.
function optionsOf(target, options) {
  if (typeof target === "string" || target instanceof URL) {
    const url = new URL(target);
    return { protocol: url.protocol, hostname: url.hostname, port: url.port, path: url.pathname + url.search, ...options };
  }
  return target;
}

// leading returns a function like direct, which leads requests for Twilio to the emulator.
function leading(module, direct) {
  return function (target, ...rest) {
    const callback = rest.find((argument) => typeof argument === "function");
    const options = optionsOf(target, rest.find((argument) => argument && typeof argument === "object"));
    const name = options.hostname || options.host || "";
    if (!/\.twilio\.com$|^mms\.twiliocdn\.com$/i.test(name)) {
      return direct.call(module, target, ...rest);
    }
    const headers = { ...options.headers };
    for (const header of Object.keys(headers)) {
      if (header.toLowerCase() === "host") delete headers[header];
    }
    return plain.call(http, {
      method: options.method, path: options.path, auth: options.auth, timeout: options.timeout, signal: options.signal,
      hostname: emulator.hostname, port: emulator.port, headers: { ...headers, Host: name },
    }, callback);
  };
}

for (const module of [http, https]) {
  module.request = leading(module, module.request);
  module.get = function (...args) {
    const request = module.request(...args);
    request.end();
    return request;
  };
}
