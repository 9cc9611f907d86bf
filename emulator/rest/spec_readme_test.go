package rest_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/fixtures/readme"
)

// notes say how faithful an operation is where that is not simply "as documented", by specOperation.key.
var notes = map[string]string{
	"POST /Conversations":                                   "timers run on the emulator's clock",
	"GET /Conversations":                                    "most recent message first; with dates, newest first",
	"DELETE /Conversations/{Sid}":                           "with all that is in it",
	"POST /ConversationWithParticipants":                    "all or nothing",
	"POST /Conversations/{ConversationSid}/Participants":    "chat, SMS, WhatsApp and group texting; e-mail is refused as on an account without it",
	"POST /Conversations/{ConversationSid}/Messages":        "to all phones but the author's; templates of all types that Conversations can send",
	"POST /Conversations/{ConversationSid}/Messages/{Sid}":  "not told to phones, as by Twilio",
	"POST /Conversations/{ConversationSid}/Webhooks":        "targets webhook, trigger and studio; replay_after includes its index",
	"POST /Services":                                        "with its four default roles",
	"DELETE /Services/{Sid}":                                "with all that is in it; the default service is refused (409)",
	"POST /Configuration/Addresses":                         "auto-creation for the account's registered senders; e-mail is not delivered",
	"POST /Configuration/Webhooks":                          "pre-action and post-action; a service's own take precedence (a switch)",
	"POST /Configuration/Notifications":                     "kept and echoed; nothing is pushed",
	"POST /Credentials":                                     "kept; nothing is pushed",
	"GET /Bindings":                                         "bindings come from SDKs; the emulator has none unless a program makes them",
	"POST /Roles":                                           "permissions are checked by name",
	"DELETE /Roles/{Sid}":                                   "a default role is refused (409; not documented)",
	"POST /Users":                                           "is_online and is_notifiable stay null: there is no chat SDK",
	"DELETE /Users/{Sid}":                                   "removes all participations (inferred)",
	"POST /Users/{UserSid}/Conversations/{ConversationSid}": "a participant's read horizon and its notification level",
	"GET /ParticipantConversations":                         "by conversation SID, in any state",
}

// The table of operations in the emulator's README is made by the walk that holds the router against Twilio's file.
func TestReadmeListsEveryOperation(t *testing.T) {
	t.Parallel()
	readme.Check(t, filepath.Join("..", "README.md"), "operations", operationTable(operations(loadSpec(t))), *update)
}

// operationTable has a row for every operation; the account's and the service's form share one.
func operationTable(list []specOperation) string {
	forms := map[string][]string{}
	var keys []string
	for _, op := range list {
		key := op.key()
		if forms[key] == nil {
			keys = append(keys, key)
		}
		form := "account"
		if strings.HasPrefix(op.path, "/v1/Services/{ChatServiceSid}") {
			form = "service"
		}
		forms[key] = append(forms[key], form)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d operations; `account` is under `/v1`, `service` under `/v1/Services/{ChatServiceSid}`.\n\n", len(list))
	b.WriteString("| operation | forms | |\n|---|---|---|\n")
	for _, key := range keys {
		note := notes[key]
		if note == "" {
			note = "as documented"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", key, strings.Join(forms[key], ", "), note)
	}
	return b.String()
}
