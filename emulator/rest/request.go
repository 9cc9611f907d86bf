package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxBody is the greatest form that is read, in bytes; the largest that Twilio documents is below 64 KB.
const maxBody = 1 << 20

// Request is a request with what is known of it on the way to its Handler.
type Request struct {
	*http.Request
	// Account has sent the request; the zero Account where it needs no credentials.
	Account conversations.Account
	// Vars are the variable parts of the path, by their names.
	Vars map[string]string
	// Values are the parameters of the query.
	Values  url.Values
	address address
	decoder *decoder
	// element is the name of the resource in XML, on a path that has it.
	element string
}

// read takes what the path and the query say. A query that is malformed is 400/20001.
func (in *Request) read(vars map[string]string) error {
	in.Vars = vars
	for name, value := range vars {
		if strings.Contains(value, "%") {
			decoded, err := url.PathUnescape(value)
			if err != nil {
				return twilio.ErrNotFound
			}
			vars[name] = decoded
		}
	}
	if in.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(in.URL.RawQuery)
	if err != nil {
		return twilio.MalformedBody("the query is not correctly encoded")
	}
	in.Values = values
	return nil
}

// Form decodes the body, a form, into a params struct. Of a body that is no form Twilio reads nothing (twilio/twilio-csharp#682): the
// request is one without parameters, and the log says what was ignored.
func (in *Request) Form(params any) error {
	form, err := readForm(in.Request)
	if err != nil {
		return err
	}
	return in.decode(form, params)
}

// JSON decodes the body, a JSON object, into params. A body of another type is ignored as by Form (inferred).
func (in *Request) JSON(params any) error {
	body, err := readBody(in.Request)
	if err != nil || len(body) == 0 {
		return err
	}
	contentType := in.Header.Get("Content-Type")
	if mediaType, _, _ := mime.ParseMediaType(contentType); mediaType != jsonBody { // empty where it is malformed
		traffic.MarkIgnored(in.Request, fmt.Sprintf("a body of type %q: only %s is read", contentType, jsonBody))
		return nil
	}
	if !utf8.Valid(body) { // a part that is kept as it came would make an answer that is no JSON
		return twilio.MalformedBody("it is not UTF-8")
	}
	err = json.Unmarshal(body, params)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return twilio.InvalidParameter(wrong.Field)
	case err != nil:
		return twilio.MalformedBody("it is not a JSON object")
	}
	return nil
}

// Query decodes the filters of a list.
func (in *Request) Query(params any) error {
	query, err := parseForm(in.URL.RawQuery)
	if err != nil {
		return twilio.MalformedBody("the query is not correctly encoded")
	}
	return in.decode(query, params)
}

// Path is the path of the request as Route has it.
func (in *Request) Path() string { return in.address.path }

// Base is the scheme, host and prefix that the caller used, under which absolute URLs in answers can be followed.
func (in *Request) Base() string { return in.address.base }

// decode fills a struct by Twilio's dotted names; fields that the struct does not have are ignored, as Twilio does.
func (in *Request) decode(form []pair, params any) error {
	err := in.decoder.decode(form, params)
	var invalid *invalidError
	if errors.As(err, &invalid) {
		return twilio.InvalidParameter(invalid.name)
	}
	return err
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonBody = "application/json"
)

// readBody reads a body of maxBody bytes at most.
func readBody(r *http.Request) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, bytes.MinRead+max(0, min(r.ContentLength, maxBody)))) // read at once as a rule
	if _, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1)); err != nil {
		return nil, twilio.MalformedBody("it ended before its Content-Length")
	}
	if body.Len() > maxBody {
		return nil, twilio.BodyTooLarge(maxBody)
	}
	if body.Len() == 0 {
		return nil, nil
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, twilio.UnsupportedMediaType(coding + " encoding")
	}
	return body.Bytes(), nil
}

// readForm reads a body that is a form or empty; others have no parameters.
func readForm(r *http.Request) ([]pair, error) {
	body, err := readBody(r)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	if why := notForm(r.Header.Get("Content-Type")); why != "" {
		traffic.MarkIgnored(r, why)
		return nil, nil
	}
	form, err := parseForm(string(body))
	if err != nil {
		return nil, twilio.MalformedBody(err.Error())
	}
	return form, nil
}

// notForm says why a body is no form, by its Content-Type; "" of a form. What Twilio does with multipart/form-data is not
// known: it is taken for no form either, as no SDK sends it to these APIs.
func notForm(contentType string) string {
	if contentType == formType {
		return ""
	}
	if mediaType, _, err := mime.ParseMediaType(contentType); err == nil && mediaType == formType {
		return ""
	}
	if contentType == "" {
		return "a body without a Content-Type: only " + formType + " is read"
	}
	return "a body of type " + contentType + ": only " + formType + " is read"
}
