package rest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/schema"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxBody is the greatest form that is read, in bytes; the largest that Twilio documents is below 64 KB.
const maxBody = 1 << 20

// request is a request with what is known of it on the way to its handler.
type request struct {
	*http.Request
	address address
	Account conversations.Account
	Scope   conversations.Scope
	vars    map[string]string
}

// route takes what the path and the headers say.
func (in *request) route(vars map[string]string) error {
	in.vars = vars
	for name, value := range vars {
		if strings.Contains(value, "%") {
			decoded, err := url.PathUnescape(value)
			if err != nil {
				return twilio.ErrNotFound
			}
			vars[name] = decoded
		}
	}
	in.Scope = conversations.Scope{AccountSID: in.Account.SID, ServiceSID: vars["ChatServiceSid"]}
	switch enabled := in.Header.Get("X-Twilio-Webhook-Enabled"); {
	case strings.EqualFold(enabled, "true"):
		in.Scope.WebhookEnabled = true
	case enabled != "" && !strings.EqualFold(enabled, "false"):
		return twilio.InvalidParameter("X-Twilio-Webhook-Enabled")
	}
	return nil
}

// form decodes the body, a form, into a params struct of package conversations.
func (a *API) form(in *request, params any) error {
	values, err := readForm(in.Request)
	if err != nil {
		return err
	}
	return a.decode(values, params)
}

// query decodes the filters of a list.
func (a *API) query(in *request, params any) error {
	values, err := in.filters()
	if err != nil {
		return err
	}
	return a.decode(values, params)
}

// filters are the parameters of a list, or a 400.
func (in *request) filters() (url.Values, error) {
	values, err := url.ParseQuery(in.URL.RawQuery)
	if err != nil {
		return nil, twilio.MalformedBody("the query is not correctly encoded")
	}
	return values, nil
}

// decode fills a struct by Twilio's dotted names; fields that the struct does not have are ignored, as Twilio does.
func (a *API) decode(values url.Values, params any) error {
	err := a.decoder.Decode(params, values)
	if err == nil {
		return nil
	}
	var fields schema.MultiError
	if errors.As(err, &fields) {
		for name := range fields {
			return twilio.InvalidParameter(name)
		}
	}
	return twilio.MalformedBody("a parameter's name is malformed")
}

// readForm reads a body that is a form or empty.
func readForm(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, twilio.MalformedBody("it ended before its Content-Length")
	}
	if len(body) > maxBody {
		return nil, twilio.BodyTooLarge(maxBody)
	}
	if len(body) == 0 {
		return nil, nil
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, twilio.UnsupportedMediaType(coding + " encoding")
	}
	contentType := r.Header.Get("Content-Type")
	if mediaType, _, err := mime.ParseMediaType(contentType); err != nil || mediaType != "application/x-www-form-urlencoded" {
		return nil, twilio.UnsupportedMediaType(contentType)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, twilio.MalformedBody("it is not a correctly encoded form")
	}
	return values, nil
}

// url is an absolute URL under the version that the caller used: in its service's form when that was used.
func (in *request) url(parts ...string) string {
	n := len(in.address.base) + len("/v1/Services/") + len(in.Scope.ServiceSID)
	for _, p := range parts {
		n += 1 + len(p)
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(in.address.base)
	b.WriteString("/v1")
	if in.Scope.ServiceSID != "" {
		b.WriteString("/Services/")
		b.WriteString(in.Scope.ServiceSID)
	}
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(p)
	}
	return b.String()
}

// chatServiceSID is in the bodies of some resources in the service's form only; nil leaves it out.
func (in *request) chatServiceSID() *string {
	if in.Scope.ServiceSID == "" {
		return nil
	}
	return &in.Scope.ServiceSID
}
