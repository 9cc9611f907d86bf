package steps

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

func (w *World) momentSteps() []definition {
	return []definition{
		{form: "at the same moment:", run: w.AtTheSameMoment},
		{form: "Twilio refuses {number} of them with {number}, code {number}", run: w.RefusesSome, expectsRefusal: true},
	}
}

// AtTheSameMoment does the steps that stand in the rows of a table, one in each, side by side. They are steps without a
// table that change nothing in the scenario itself: of phones and the agent, and requests.
func (w *World) AtTheSameMoment(ctx context.Context, table Table) error {
	type part struct {
		world *World
		call  func() error
	}
	parts := make([]part, len(table))
	for i, row := range table {
		one := *w // a refusal is one's own
		one.refused = nil
		call, err := one.prepare(ctx, strings.Join(row, " | "))
		if err != nil {
			return err
		}
		parts[i] = part{&one, call}
	}
	errs := make([]error, len(parts))
	begin := make(chan struct{})
	var running sync.WaitGroup
	for i, p := range parts {
		running.Go(func() {
			<-begin
			errs[i] = p.call()
		})
	}
	if w.bridgeClock != nil {
		w.bridgeClock.hold()
		defer w.bridgeClock.release()
	}
	close(begin)
	running.Wait()
	w.refused, w.refusals = nil, nil
	for _, p := range parts {
		if p.world.refused != nil {
			w.refused = p.world.refused
			w.refusals = append(w.refusals, p.world.refused)
		}
	}
	return errors.Join(errs...)
}

// prepare finds the step that a text means, and returns it as a call.
func (w *World) prepare(ctx context.Context, text string) (func() error, error) {
	for _, d := range w.definitions() {
		found := compile(d.form).FindStringSubmatch(text)
		if found == nil {
			continue
		}
		run := reflect.ValueOf(d.run)
		if !d.beside || run.Type().NumIn() != len(found) {
			return nil, fmt.Errorf("%q cannot happen at the same moment as something else", text)
		}
		args := []reflect.Value{reflect.ValueOf(ctx)}
		for i, given := range found[1:] {
			arg, err := inner(reflect.ValueOf(given), run.Type().In(i+1))
			if err != nil {
				return nil, err
			}
			args = append(args, arg)
		}
		return func() error {
			err, _ := run.Call(args)[0].Interface().(error)
			return err
		}, nil
	}
	return nil, fmt.Errorf("there is no step %q", text)
}

// RefusesSome checks how many of the steps of the last moment Twilio refused, and why.
func (w *World) RefusesSome(_ context.Context, count, status, code int) error {
	for _, r := range w.refusals {
		if r.err.Status != status || r.err.Code != code {
			return r
		}
		r.expected = true
	}
	if len(w.refusals) != count {
		return fmt.Errorf("Twilio refused %d of them, not %d", len(w.refusals), count) //nolint:staticcheck // a name
	}
	return nil
}
