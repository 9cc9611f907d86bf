package rest

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// pair is one parameter of a form.
type pair struct{ name, value string }

// errForm is the error of a text that is no correctly encoded form.
var errForm = errors.New("it is not a correctly encoded form")

// maxParameters is the largest number of parameters of a form, far more than any of Twilio's.
const maxParameters = 10_000

var errTooMany = fmt.Errorf("it has more than %d parameters", maxParameters)

// parseForm reads an application/x-www-form-urlencoded text in its order. It takes what url.ParseQuery takes, up to maxParameters.
func parseForm(text string) ([]pair, error) {
	if text == "" {
		return nil, nil
	}
	count := strings.Count(text, "&") + 1
	if count > maxParameters {
		return nil, errTooMany
	}
	list := make([]pair, 0, count)
	for text != "" {
		var item string
		item, text, _ = strings.Cut(text, "&")
		if strings.Contains(item, ";") {
			return nil, errForm
		}
		if item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return nil, errForm
		}
		list = append(list, pair{name, strings.Clone(value)}) // what is kept of it must not keep the whole form
	}
	return list, nil
}

// decoder fills structs from forms by Twilio's dotted names: MessagingBinding.Address is the field Address of the field
// MessagingBinding. The case of a name does not count, and of a parameter that is sent several times the last one does, except for a
// field that is a list. What the struct does not have is ignored, as Twilio does. The zero decoder is ready for use, from any goroutine.
//
// A field is a string, bool, int, int64 or float64; a pointer to one, which stays nil when it was not sent; a []string; or a struct of such
// fields.
type decoder struct {
	plans sync.Map // reflect.Type to []target
}

// target is a field that a parameter may fill.
type target struct {
	name  string
	index []int
	set   setter
}

// setter puts a value into a field; false means that the field cannot have it.
type setter func(field reflect.Value, value string) bool

// invalidError is the error of a value that a field cannot have.
type invalidError struct{ name string }

func (e *invalidError) Error() string { return "invalid value for " + e.name }

// decode fills the struct that params points to. The error is *invalidError: a text that is not UTF-8 could not be written in
// an answer as it came, and would be another one in every backend that encodes documents.
func (d *decoder) decode(form []pair, params any) error {
	v := reflect.ValueOf(params).Elem()
	targets := d.plan(v.Type())
	for _, p := range form {
		for i := range targets {
			t := &targets[i]
			if strings.EqualFold(t.name, p.name) {
				if !utf8.ValidString(p.value) || !t.set(v.FieldByIndex(t.index), p.value) {
					return &invalidError{t.name}
				}
				break
			}
		}
	}
	return nil
}

func (d *decoder) plan(t reflect.Type) []target {
	if plan, ok := d.plans.Load(t); ok {
		return plan.([]target)
	}
	plan := planTargets(t, "", nil)
	d.plans.Store(t, plan)
	return plan
}

// planTargets finds the fields of a params struct; those of an embedded one have no prefix.
func planTargets(t reflect.Type, prefix string, path []int) (list []target) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := slices.Concat(path, []int{i})
		switch {
		case f.Anonymous:
			list = append(list, planTargets(f.Type, prefix, index)...)
		case f.Type.Kind() == reflect.Struct:
			list = append(list, planTargets(f.Type, prefix+f.Name+".", index)...)
		default:
			list = append(list, target{prefix + f.Name, index, setterOf(f.Type)})
		}
	}
	return list
}

func setterOf(t reflect.Type) setter {
	switch t.Kind() {
	case reflect.Pointer:
		element := setterOf(t.Elem())
		return func(field reflect.Value, value string) bool {
			pointer := reflect.New(t.Elem())
			field.Set(pointer)
			return element(pointer.Elem(), value)
		}
	case reflect.String:
		return func(field reflect.Value, value string) bool { field.SetString(value); return true }
	case reflect.Bool:
		return func(field reflect.Value, value string) bool {
			b, err := strconv.ParseBool(value)
			field.SetBool(b)
			return err == nil || value == ""
		}
	case reflect.Int, reflect.Int64:
		return func(field reflect.Value, value string) bool {
			n, err := strconv.ParseInt(value, 10, t.Bits())
			field.SetInt(n)
			return err == nil || value == ""
		}
	case reflect.Float64:
		return func(field reflect.Value, value string) bool {
			x, err := strconv.ParseFloat(value, 64)
			field.SetFloat(x)
			return err == nil || value == ""
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return func(field reflect.Value, value string) bool {
				field.Set(reflect.Append(field, reflect.ValueOf(value).Convert(t.Elem())))
				return true
			}
		}
	}
	panic(fmt.Sprintf("rest: a form cannot fill a field of type %s", t)) // a mistake of a developer, which any request would show
}
