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
	"unsafe"
)

// encoder writes answers as encoding/json does, with two differences: a time.Time is in UTC and whole seconds, as in
// Twilio's resources (reference, Conversations API 1.3), and how a type is written is planned once, by the offsets of its fields, so
// that an answer costs no reflection. The zero encoder is ready for use, from any goroutine.
type encoder struct {
	plans sync.Map // reflect.Type to appendFunc
}

// appendFunc appends the JSON of a value of one type, to which p points.
type appendFunc func(b []byte, p unsafe.Pointer) ([]byte, error)

// append appends the JSON of v to b.
func (e *encoder) append(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case appender:
		return v.appendJSON(e, b)
	}
	value := reflect.ValueOf(v)
	pointer := reflect.New(value.Type())
	pointer.Elem().Set(value)
	return e.plan(value.Type())(b, pointer.UnsafePointer())
}

// appender is a body that writes itself.
type appender interface {
	appendJSON(e *encoder, b []byte) ([]byte, error)
}

// URL is an absolute URL in parts, which are joined when it is written: a page of messages has three for each of them.
type URL struct{ Stem, Tail, Suffix string }

// With returns the URL with another suffix, such as "/Receipts".
func (u URL) With(suffix string) URL {
	u.Suffix = suffix
	return u
}

// String returns the URL as one text.
func (u URL) String() string { return u.Stem + u.Tail + u.Suffix }

func appendURL(b []byte, p unsafe.Pointer) ([]byte, error) {
	u := (*URL)(p)
	b = append(b, '"')
	b = appendText(b, u.Stem)
	b = appendText(b, u.Tail)
	b = appendText(b, u.Suffix)
	return append(b, '"'), nil
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
	early, loaded := e.plans.LoadOrStore(t, appendFunc(func(b []byte, p unsafe.Pointer) ([]byte, error) {
		made.Wait()
		return f(b, p)
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
	urlType           = reflect.TypeFor[URL]()
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

func (e *encoder) newPlan(t reflect.Type) appendFunc {
	switch {
	case t == timeType:
		return appendTime
	case t == urlType:
		return appendURL
	case t.Kind() == reflect.Pointer && t.Elem() == timeType: // a Marshaler too
	case t.Implements(marshalerType) || t.Implements(textMarshalerType):
		return byPackage(t)
	}
	switch t.Kind() {
	case reflect.String:
		return func(b []byte, p unsafe.Pointer) ([]byte, error) { return appendString(b, *(*string)(p)), nil }
	case reflect.Bool:
		return func(b []byte, p unsafe.Pointer) ([]byte, error) { return strconv.AppendBool(b, *(*bool)(p)), nil }
	case reflect.Int:
		return func(b []byte, p unsafe.Pointer) ([]byte, error) {
			return strconv.AppendInt(b, int64(*(*int)(p)), 10), nil
		}
	case reflect.Int64:
		return func(b []byte, p unsafe.Pointer) ([]byte, error) { return strconv.AppendInt(b, *(*int64)(p), 10), nil }
	case reflect.Pointer:
		return e.planPointer(t)
	case reflect.Interface:
		return func(b []byte, p unsafe.Pointer) ([]byte, error) { return e.append(b, valueAt(t, p).Interface()) }
	case reflect.Struct:
		return e.planStruct(t)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 {
			return e.planSlice(t)
		}
	case reflect.Array:
		return e.planArray(t)
	case reflect.Map:
		return e.planMap(t)
	}
	return byPackage(t)
}

// valueAt is the value of type t to which p points.
func valueAt(t reflect.Type, p unsafe.Pointer) reflect.Value { return reflect.NewAt(t, p).Elem() }

// byPackage leaves a type to encoding/json: one with a form of its own, or one that is too rare to plan.
func byPackage(t reflect.Type) appendFunc {
	return func(b []byte, p unsafe.Pointer) ([]byte, error) {
		text, err := json.Marshal(valueAt(t, p).Interface())
		return append(b, text...), err
	}
}

// appendTime writes the form 2015-07-30T20:00:00Z.
func appendTime(b []byte, p unsafe.Pointer) ([]byte, error) {
	b = append(b, '"')
	b = (*time.Time)(p).UTC().AppendFormat(b, time.RFC3339)
	return append(b, '"'), nil
}

func (e *encoder) planPointer(t reflect.Type) appendFunc {
	element := e.plan(t.Elem())
	return func(b []byte, p unsafe.Pointer) ([]byte, error) {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return append(b, "null"...), nil
		}
		return element(b, p)
	}
}

// slice is the form of a []T in memory.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

func (e *encoder) planSlice(t reflect.Type) appendFunc {
	list := e.planList(t)
	return func(b []byte, p unsafe.Pointer) ([]byte, error) {
		s := (*slice)(p)
		if s.data == nil {
			return append(b, "null"...), nil
		}
		return list(b, s.data, s.len)
	}
}

func (e *encoder) planArray(t reflect.Type) appendFunc {
	list := e.planList(t)
	return func(b []byte, p unsafe.Pointer) ([]byte, error) { return list(b, p, t.Len()) }
}

// planList plans the elements of a slice or an array, n of which begin at p.
func (e *encoder) planList(t reflect.Type) func(b []byte, p unsafe.Pointer, n int) ([]byte, error) {
	element, size := e.plan(t.Elem()), t.Elem().Size()
	return func(b []byte, p unsafe.Pointer, n int) (_ []byte, err error) {
		b = append(b, '[')
		for i := range n {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = element(b, unsafe.Add(p, uintptr(i)*size)); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	}
}

// planMap writes the keys in their order.
func (e *encoder) planMap(t reflect.Type) appendFunc {
	if t.Key().Kind() != reflect.String || t.Key().Implements(textMarshalerType) {
		return byPackage(t)
	}
	element := e.plan(t.Elem())
	return func(b []byte, p unsafe.Pointer) (_ []byte, err error) {
		v := valueAt(t, p)
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
			copied := reflect.New(t.Elem())
			copied.Elem().Set(v.MapIndex(key))
			if b, err = element(b, copied.UnsafePointer()); err != nil {
				return b, err
			}
		}
		return append(b, '}'), nil
	}
}

// field is one member of an object.
type field struct {
	index []int
	// offsets lead to the field: the first in the struct, each further one in an embedded struct to which a pointer leads.
	offsets []uintptr
	key     string // with quotes and colon
	name    string
	tagged  bool
	omit    func(p unsafe.Pointer) bool // nil: never
	append  appendFunc
}

func (e *encoder) planStruct(t reflect.Type) appendFunc {
	fields, known := e.fields(t)
	if !known {
		return byPackage(t)
	}
	return func(b []byte, p unsafe.Pointer) (_ []byte, err error) {
		b = append(b, '{')
		first := true
		for i := range fields {
			f := &fields[i]
			member := f.follow(p)
			if member == nil || f.omit != nil && f.omit(member) {
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

// follow returns where the field is in the struct to which p points; nil behind a nil embedded pointer.
func (f *field) follow(p unsafe.Pointer) unsafe.Pointer {
	p = unsafe.Add(p, f.offsets[0])
	for _, offset := range f.offsets[1:] {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return nil
		}
		p = unsafe.Add(p, offset)
	}
	return p
}

// fields returns the members of a struct's object in their order, by the rules of encoding/json: of fields with one name the
// least nested one counts, then the one with a tag, and none where several are left. known is false for a tag option that is not
// planned here.
func (e *encoder) fields(t reflect.Type) (list []field, known bool) {
	var all []field
	known = true
	e.collect(t, field{offsets: []uintptr{0}}, map[reflect.Type]bool{}, func(f field, ok bool) { all, known = append(all, f), known && ok })
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

// collect finds the fields of a struct, with those of embedded ones. at has the way to it, and above are the types around it.
func (e *encoder) collect(t reflect.Type, at field, above map[reflect.Type]bool, found func(f field, known bool)) {
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
		f := field{index: append(slices.Clone(at.index), i), offsets: slices.Clone(at.offsets)}
		f.offsets[len(f.offsets)-1] += sf.Offset
		if sf.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			if inner != sf.Type {
				f.offsets = append(f.offsets, 0)
			}
			e.collect(inner, f, above, found)
			continue
		}
		f.name, f.tagged, f.append = cmp.Or(name, sf.Name), name != "", e.plan(sf.Type)
		f.key = string(appendString(nil, f.name)) + ":"
		known := true
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "omitempty":
				f.omit = emptyOf(sf.Type)
			case "omitzero":
				f.omit = zeroOf(sf.Type)
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

// emptyOf reports what omitempty leaves out, and zeroOf what omitzero does.
func emptyOf(t reflect.Type) func(unsafe.Pointer) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return func(p unsafe.Pointer) bool { return *(*unsafe.Pointer)(p) == nil }
	case reflect.String:
		return func(p unsafe.Pointer) bool { return *(*string)(p) == "" }
	case reflect.Array, reflect.Map, reflect.Slice:
		return func(p unsafe.Pointer) bool { return valueAt(t, p).Len() == 0 }
	case reflect.Struct:
		return nil
	}
	return func(p unsafe.Pointer) bool { return valueAt(t, p).IsZero() }
}

func zeroOf(t reflect.Type) func(unsafe.Pointer) bool {
	return func(p unsafe.Pointer) bool {
		v := valueAt(t, p)
		if z, ok := v.Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
			return z.IsZero()
		}
		return v.IsZero()
	}
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
	b = appendText(b, s)
	return append(b, '"')
}

// appendText is appendString without the quotes.
func appendText(b []byte, s string) []byte {
	start := 0
	for i := plainPrefix(s); i < len(s); {
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
	return append(b, s[start:]...)
}

// plainPrefix returns the length of a beginning of s whose bytes all stand as they are, a multiple of eight: eight bytes are looked at
// at a time. It may be shorter than it could be.
func plainPrefix(s string) int {
	const (
		ones = 0x0101010101010101
		high = 0x8080808080808080
	)
	n := 0
	for ; n+8 <= len(s); n += 8 {
		w := uint64(s[n]) | uint64(s[n+1])<<8 | uint64(s[n+2])<<16 | uint64(s[n+3])<<24 |
			uint64(s[n+4])<<32 | uint64(s[n+5])<<40 | uint64(s[n+6])<<48 | uint64(s[n+7])<<56
		// A byte x is below k where x-k borrows, and equals c where x^c is below 1; the tests may fail for plain bytes, never
		// the other way.
		special := w | (w - ' '*ones) | ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones) |
			((w ^ '<'*ones) - ones) | ((w ^ '>'*ones) - ones) | ((w ^ '&'*ones) - ones)
		if special&high != 0 {
			break
		}
	}
	return n
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
