package whatsapp

import "strings"

// What the sandbox itself writes to phones. Reference, WhatsApp 1.3: the first three are observed on the wire.

// joined confirms a join; the asterisks and backticks are WhatsApp's marks for bold and fixed width.
const joined = "*Twilio Sandbox*: ✅ You are all set! The sandbox can now send/receive messages from whatsapp:+14155238886. " +
	"Reply ```stop``` to leave the sandbox any time."

// notConnected answers a phone that is in no sandbox, or not any more.
func notConnected(phone string) string {
	return "Twilio Sandbox: ⚠️ Your number whatsapp:" + phone + " is not connected to a Sandbox. You need to connect it first by " +
		"sending join <sandbox name>. Sandbox membership lasts for 72 hours."
}

// demoReply is what Twilio's demo function answers while an account has not set its own URL.
func demoReply(body string) string {
	return "You said :" + body + ".\n Configure your WhatsApp Sandbox's Inbound URL to change this message."
}

// left acknowledges stop. Twilio's own text is not known; this one is the emulator's.
const left = "*Twilio Sandbox*: You have left the sandbox. Reply ```join <sandbox name>``` to connect again."

// isDemo reports whether a URL is Twilio's demo function.
func isDemo(url string) bool { return strings.TrimSuffix(url, "/") == DemoURL }
