package bridge

import (
	"encoding/json"
	"net/http"
	"strings"
)

// answer is what a webhook gets. Twilio acts on it: a text/plain body of a 200 is sent to the customer, <Response/>
// sends nothing, JSON is logged as an error (reference, WhatsApp 2.5).
type answer struct {
	status      int
	contentType string
	body        string
	header      http.Header // further headers; may be nil
}

var (
	// emptyTwiML accepts the message and sends nothing to the customer.
	emptyTwiML = answer{status: http.StatusOK, contentType: "text/xml", body: "<Response/>"}
	// forbidden is the same for a missing and for a forged signature, so that it teaches nothing (reference, 3.5).
	forbidden = plain(http.StatusForbidden, "Unauthorized - you are not authenticated to perform this request")
)

func plain(status int, body string) answer {
	return answer{status: status, contentType: "text/plain", body: body}
}

// jsonAnswer writes value as JavaScript does, without escaping <, > and &.
func jsonAnswer(status int, value any) answer {
	var body strings.Builder
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return plain(http.StatusInternalServerError, "the answer cannot be written as JSON")
	}
	return answer{status: status, contentType: "application/json", body: strings.TrimSuffix(body.String(), "\n")}
}

// write sends the answer; a client that has gone away is no concern of ours.
func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", a.contentType)
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body))
}
