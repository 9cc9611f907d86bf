package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// RunKinds holds the kinds of a program to what package store asks of them, and a backend to keeping them: a document survives
// being encoded as JSON and decoded, with its index keys, and the backend returns what was put, by key and by every index.
//
// The documents are made up from the types of the kinds. More has documents of kinds whose types do not say all, such as one
// with a field of an interface type; no others are made up for these kinds.
func RunKinds(t *testing.T, open func(t *testing.T, kinds ...store.Kind) store.Store, kinds []store.Kind, more map[string][]any) {
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			docs, given := more[kind.Name]
			if !given {
				docs = madeUp(kind)
			}
			for i, doc := range docs {
				testEncoding(t, kind, doc)
				s := open(t, kind)
				testKept(t, s, kind, fmt.Sprintf("key%d", i), doc)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// testEncoding sends a document through JSON.
func testEncoding(t *testing.T, kind store.Kind, doc any) {
	t.Helper()
	encoded, err := json.Marshal(doc)
	if err != nil {
		t.Errorf("a document cannot be encoded: %v", err)
		return
	}
	target := kind.New()
	if err := json.Unmarshal(encoded, target); err != nil {
		t.Errorf("%s cannot be decoded: %v", encoded, err)
		return
	}
	decoded := kind.Load(target)
	if !reflect.DeepEqual(decoded, doc) {
		t.Errorf("a document does not survive encoding:\nput %+v\ngot %+v", doc, decoded)
	}
	for _, index := range kind.Indexes {
		was, in := index.Key(doc)
		is, still := index.Key(decoded)
		if was != is || in != still {
			t.Errorf("index %s: the key %q (%v) is %q (%v) after encoding", index.Name, was, in, is, still)
		}
	}
}

// testKept puts a document and looks for it by every index.
func testKept(t *testing.T, s store.Store, kind store.Kind, key string, doc any) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.Put(kind.Name, key, doc) })
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Get(kind.Name, key)
		if err != nil || !reflect.DeepEqual(got, doc) {
			t.Errorf("put %+v\ngot %+v, %v", doc, got, err)
		}
		for _, index := range kind.Indexes {
			want, in := index.Key(doc)
			found := 0
			for item, err := range tx.Find(store.Query{Kind: kind.Name, Index: index.Name}) {
				if err != nil || item.Key != key || index.Unique && item.Position != want {
					t.Errorf("index %s: found %s at %q, %v; want %q", index.Name, item.Key, item.Position, err, want)
				}
				found++
			}
			if in != (found == 1) {
				t.Errorf("index %s: found %d times, and should be in it: %v", index.Name, found, in)
			}
		}
		return nil
	})
}

// madeUp returns documents of a kind: one with every field at zero and every list empty, and some with all fields set. A list that
// is left out when it is empty may come back as nil.
func madeUp(kind store.Kind) []any {
	empty := kind.New()
	fillValue(reflect.ValueOf(empty).Elem(), nil, 0)
	docs := []any{kind.Load(empty)}
	for seed := range uint64(10) {
		full := kind.New()
		fillValue(reflect.ValueOf(full).Elem(), rand.New(rand.NewPCG(seed, seed)), 0)
		docs = append(docs, kind.Load(full))
	}
	return docs
}

var texts = []string{"", "Ada", "a\x1fb", "whatsapp:+15558675310", "ünï \u2028 <&> \"'", "{}", "IS0123456789abcdef0123456789abcdef"}

// fillValue sets a value to something of its type: with random texts, numbers and times, or, without a source, with empty lists and maps.
func fillValue(v reflect.Value, random *rand.Rand, depth int) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		if random != nil {
			v.Set(reflect.ValueOf(time.Unix(random.Int64N(1<<33), random.Int64N(1e9)).UTC()))
		}
		return
	case reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{"a":[1,"b"]}`))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			tag := f.Tag.Get("json")
			if f.IsExported() && tag != "-" && (random != nil || !strings.HasSuffix(tag, ",omitempty")) {
				fillValue(v.Field(i), random, depth)
			}
		}
	case reflect.Slice:
		fillSlice(v, random, depth)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		if random != nil && depth < maxDepth {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fillValue(key, random, depth+1)
			fillValue(value, random, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		if random != nil && depth < maxDepth {
			v.Set(reflect.New(v.Type().Elem()))
			fillValue(v.Elem(), random, depth+1)
		}
	default:
		if random != nil {
			fillScalar(v, random)
		}
	}
}

// maxDepth is the depth to which a type that contains itself is followed.
const maxDepth = 4

func fillSlice(v reflect.Value, random *rand.Rand, depth int) {
	n := 0
	if random != nil && depth < maxDepth {
		n = 2
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		fillValue(v.Index(i), random, depth+1)
	}
}

func fillScalar(v reflect.Value, random *rand.Rand) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[random.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 1)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(random.Int32()))
	case reflect.Uint8:
		v.SetUint(uint64(random.Uint32() & 0x7f))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(random.Uint32()))
	case reflect.Float64:
		v.SetFloat(random.Float64())
	}
}

// Filled returns copies of values, of any one type, in which every field is set to something random, and then their zero values.
func Filled[T any](values []T) (list []T) {
	for seed, value := range values {
		full := reflect.New(reflect.TypeOf(value))
		fillValue(full.Elem(), rand.New(rand.NewPCG(uint64(seed), 1)), 0)
		list = append(list, full.Elem().Interface().(T), reflect.Zero(reflect.TypeOf(value)).Interface().(T))
	}
	return list
}
