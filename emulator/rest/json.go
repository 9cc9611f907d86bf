package rest

import (
	"cmp"
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// encoder writes answers as encoding/json does, with two differences: a time.Time is in UTC and whole seconds, as in
// Twilio's resources (reference, Conversations API 1.3), and how a type is written is planned once, so that an answer costs no
// reflection over tags. The zero encoder is ready for use, from any goroutine.
type encoder struct {
	plans sync.Map // reflect.Type to appendFunc
}

// appendFunc appends the JSON of a value of one type.
type appendFunc func(b []byte, v reflect.Value) ([]byte, error)

// append appends the JSON of v to b.
func (e *encoder) append(b []byte, v any) ([]byte, error) {
	if v == nil {
		return append(b, "null"...), nil
	}
	value := reflect.ValueOf(v)
	return e.plan(value.Type())(b, value)
}

// plan returns the appendFunc of a type, planning it at the first call.
func (e *encoder) plan(t reflect.Type) appendFunc {
	if f, planned := e.plans.Load(t); planned {
		return f.(appendFunc)
	}
	// A type may contain itself: what asks for it meanwhile waits until its plan is made.
	var (
		made sync.WaitGroup
		f    appendFunc
	)
	made.Add(1)
	early, loaded := e.plans.LoadOrStore(t, appendFunc(func(b []byte, v reflect.Value) ([]byte, error) {
		made.Wait()
		return f(b, v)
	}))
	if loaded {
		return early.(appendFunc)
	}
	f = e.newPlan(t)
	made.Done()
	e.plans.Store(t, f)
	return f
}

var (
	timeType          = reflect.TypeFor[time.Time]()
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

func (e *encoder) newPlan(t reflect.Type) appendFunc {
	switch {
	case t == timeType:
		return appendTime
	case t.Implements(marshalerType) || t.Implements(textMarshalerType):
		if t.Kind() != reflect.Pointer || !isTimePointer(t) {
			return appendByPackage
		}
	}
	switch t.Kind() {
	case reflect.String:
		return func(b []byte, v reflect.Value) ([]byte, error) { return appendString(b, v.String()), nil }
	case reflect.Bool:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendBool(b, v.Bool()), nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendInt(b, v.Int(), 10), nil }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendUint(b, v.Uint(), 10), nil }
	case reflect.Pointer:
		return e.planPointer(t)
	case reflect.Interface:
		return func(b []byte, v reflect.Value) ([]byte, error) { return e.append(b, v.Interface()) }
	case reflect.Struct:
		return e.planStruct(t)
	case reflect.Slice, reflect.Array:
		return e.planList(t)
	case reflect.Map:
		return e.planMap(t)
	}
	return appendByPackage
}

func isTimePointer(t reflect.Type) bool { return t.Elem() == timeType }

// appendByPackage leaves a value to encoding/json: a type with a form of its own, or one that is too rare to plan.
func appendByPackage(b []byte, v reflect.Value) ([]byte, error) {
	text, err := json.Marshal(v.Interface())
	return append(b, text...), err
}

// appendTime writes the form 2015-07-30T20:00:00Z.
func appendTime(b []byte, v reflect.Value) ([]byte, error) {
	t := v.Interface().(time.Time)
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339)
	return append(b, '"'), nil
}

func (e *encoder) planPointer(t reflect.Type) appendFunc {
	element := e.plan(t.Elem())
	return func(b []byte, v reflect.Value) ([]byte, error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return element(b, v.Elem())
	}
}

func (e *encoder) planList(t reflect.Type) appendFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return appendByPackage
	}
	element := e.plan(t.Elem())
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		if v.Kind() == reflect.Slice && v.IsNil() {
			return append(b, "null"...), nil
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = element(b, v.Index(i)); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	}
}

// planMap writes the keys in their order.
func (e *encoder) planMap(t reflect.Type) appendFunc {
	if t.Key().Kind() != reflect.String || t.Key().Implements(textMarshalerType) {
		return appendByPackage
	}
	element := e.plan(t.Elem())
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return cmp.Compare(x.String(), y.String()) })
		b = append(b, '{')
		for i, key := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, key.String()), ':')
			if b, err = element(b, v.MapIndex(key)); err != nil {
				return b, err
			}
		}
		return append(b, '}'), nil
	}
}

// field is one member of an object.
type field struct {
	index  []int
	key    string // with quotes and colon
	name   string
	tagged bool
	omit   func(reflect.Value) bool // nil: never
	append appendFunc
}

func (e *encoder) planStruct(t reflect.Type) appendFunc {
	fields, known := e.fields(t)
	if !known {
		return appendByPackage
	}
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		b = append(b, '{')
		first := true
		for i := range fields {
			f := &fields[i]
			member, found := follow(v, f.index)
			if !found || f.omit != nil && f.omit(member) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(b, f.key...)
			if b, err = f.append(b, member); err != nil {
				return b, err
			}
		}
		return append(b, '}'), nil
	}
}

// follow returns the field at the end of an index path; found is false behind a nil embedded pointer.
func follow(v reflect.Value, index []int) (_ reflect.Value, found bool) {
	for i, n := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v, true
}

// fields returns the members of a struct's object in their order, by the rules of encoding/json: of fields with one name the
// least nested one counts, then the one with a tag, and none where several are left. known is false for a tag option that is not
// planned here.
func (e *encoder) fields(t reflect.Type) (list []field, known bool) {
	var all []field
	known = true
	e.collect(t, nil, map[reflect.Type]bool{}, func(f field, ok bool) { all, known = append(all, f), known && ok })
	byName := map[string][]field{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	for _, f := range all {
		if winner, ok := dominant(byName[f.name]); ok && slices.Equal(winner.index, f.index) {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(x, y field) int { return slices.Compare(x.index, y.index) })
	return list, known
}

func dominant(same []field) (winner field, ok bool) {
	better := func(x, y field) int {
		if d := cmp.Compare(len(x.index), len(y.index)); d != 0 || x.tagged == y.tagged {
			return d
		}
		if x.tagged {
			return -1
		}
		return 1
	}
	winner = slices.MinFunc(same, better)
	n := 0
	for _, f := range same {
		if better(f, winner) == 0 {
			n++
		}
	}
	return winner, n == 1
}

// collect finds the fields of a struct, with those of embedded ones; above are the types around it.
func (e *encoder) collect(t reflect.Type, path []int, above map[reflect.Type]bool, found func(f field, known bool)) {
	if above[t] {
		return
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if tag == "-" || !sf.IsExported() && (!sf.Anonymous || inner.Kind() != reflect.Struct) {
			continue
		}
		index := append(slices.Clip(slices.Clone(path)), i)
		if sf.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			e.collect(inner, index, above, found)
			continue
		}
		f := field{index: index, name: cmp.Or(name, sf.Name), tagged: name != "", append: e.plan(sf.Type)}
		f.key = string(appendString(nil, f.name)) + ":"
		known := true
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "omitempty":
				f.omit = isEmpty
			case "omitzero":
				f.omit = isZero
			default:
				known = false
			}
		}
		found(f, known && validName(f.name))
	}
}

// validName reports whether encoding/json takes a name of a tag as it is.
func validName(name string) bool {
	return !strings.ContainsAny(name, "\"\\'`,")
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}

const hexDigits = "0123456789abcdef"

// plain reports which bytes stand in a JSON text as they are; as in encoding/json those of HTML do not.
var plain = func() (set [math.MaxUint8 + 1]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = !strings.ContainsRune(`"\<>&`, c)
	}
	return set
}()

// appendString appends a JSON text, escaped as encoding/json does.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		r, size := rune(s[i]), 1
		if s[i] >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(s[i:]); r != '\u2028' && r != '\u2029' && (r != utf8.RuneError || size > 1) {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		b = appendEscape(b, r)
		i += size
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// appendEscape appends a character that does not stand as it is.
func appendEscape(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
}
