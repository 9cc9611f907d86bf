package rest

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/schema"
)

// params has a field of every type that a form can fill.
type params struct {
	embedded
	Body    *string
	Name    string
	Order   *int
	Index   *int64
	Limit   int
	Enabled *bool
	Loud    bool
	List    []string
	Binding struct {
		Address *string
		Email   struct{ Name, Address *string }
	}
}

type embedded struct{ FriendlyName *string }

// FuzzFormDecoder holds parseForm against url.ParseQuery, and the decoder against gorilla/schema.
func FuzzFormDecoder(f *testing.F) {
	for _, seed := range []string{"", "Body=Hello+w%C3%B6rld&Name=Ada", "body=a&Body=b", "List=a&List=b&List=", "Binding.Address=%2B1&binding.email.name=x",
		"Order=7&Index=-3&Limit=", "Enabled=True&Loud=false", "Order=x", "Enabled=maybe", "FriendlyName=x", "a;b=c", "%zz=1", "Body=%", "&&Body=1&&", "=x", "Body",
		"Order=99999999999999999999", "Unknown=1&Binding=2&Binding.=3", "Loud=on", "List=a,b"} {
		f.Add(seed)
	}
	reference := schema.NewDecoder()
	reference.IgnoreUnknownKeys(true)
	reference.ZeroEmpty(true)
	var d decoder
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseForm(text)
		values, wantErr := url.ParseQuery(text)
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%q: %v, net/url says %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		got := url.Values{}
		for _, p := range list {
			got.Add(p.name, p.value)
		}
		if !reflect.DeepEqual(got, values) {
			t.Fatalf("%q is read as %v, and by net/url as %v", text, got, values)
		}
		testDecoder(t, &d, reference, list, values)
	})
}

func testDecoder(t *testing.T, d *decoder, reference *schema.Decoder, list []pair, values url.Values) {
	t.Helper()
	names := slices.Collect(func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	})
	known := []string{"binding.address", "binding.email.name", "binding.email.address"}
	for i, name := range names {
		// Paths that lead to no field are ignored here; gorilla/schema refuses some of them, and knows numbers of list items.
		lower := strings.ToLower(name)
		if lower == "binding" || lower == "embedded" || strings.Contains(name, ".") && !slices.Contains(known, lower) {
			return
		}
		for _, other := range names[:i] {
			if strings.EqualFold(name, other) {
				return // gorilla/schema takes one of the two by chance
			}
		}
	}
	for _, v := range append(values["Loud"], values["Enabled"]...) {
		if v == "on" {
			return // a checkbox's word, which gorilla/schema takes and Twilio does not know
		}
	}
	for _, p := range list {
		if !utf8.ValidString(p.value) {
			return // gorilla/schema takes what is not UTF-8
		}
	}
	var got, want params
	err, wantErr := d.decode(list, &got), reference.Decode(&want, values)
	var invalid *invalidError
	if errors.As(err, &invalid) != (wantErr != nil) {
		t.Fatalf("%v: %v, gorilla/schema says %v", values, err, wantErr)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%v fills %+v, and by gorilla/schema %+v", values, got, want)
	}
}
