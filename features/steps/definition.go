package steps

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/cucumber/godog"
)

// definition is a step: its form, as the table of the package comment has it, and the method of World that does it.
type definition struct {
	form string
	// run is a func(context.Context, …) error. Its arguments are what stands in the placeholders (string, int or
	// time.Duration), and then the Table or the DocString behind the step.
	run any
	// expectsRefusal marks the steps that speak of a refusal of Twilio's.
	expectsRefusal bool
	// beside marks the steps that may run beside others: of the World they change nothing but what Twilio refused.
	beside bool
}

// definitions are all steps.
func (w *World) definitions() (all []definition) {
	for _, family := range [][]definition{
		w.accountSteps(), w.bridgeSteps(), w.phoneSteps(), w.clockSteps(), w.conversationSteps(), w.messageSteps(),
		w.webhookSteps(), w.endpointSteps(), w.faultSteps(), w.requestSteps(), w.switchSteps(), w.kindSteps(), w.behaviourSteps(),
		w.programmableSteps(), w.templateSteps(), w.mediaSteps(), w.momentSteps(), w.signatureSteps(),
	} {
		all = append(all, family...)
	}
	return all
}

var (
	contextType   = reflect.TypeFor[context.Context]()
	errorType     = reflect.TypeFor[error]()
	durationType  = reflect.TypeFor[time.Duration]()
	intType       = reflect.TypeFor[int]()
	tableType     = reflect.TypeFor[Table]()
	docStringType = reflect.TypeFor[DocString]()
)

// handler is the step as godog takes it: a function of texts, a *godog.Table and a *godog.DocString, that turns these
// into what run wants and performs it.
func (d definition) handler(w *World) any {
	run := reflect.ValueOf(d.run)
	in := []reflect.Type{contextType}
	for i := 1; i < run.Type().NumIn(); i++ {
		in = append(in, outer(run.Type().In(i)))
	}
	function := reflect.FuncOf(in, []reflect.Type{errorType}, false)
	return reflect.MakeFunc(function, func(given []reflect.Value) []reflect.Value {
		err := d.call(w, run, given)
		if err == nil {
			return []reflect.Value{reflect.Zero(errorType)}
		}
		return []reflect.Value{reflect.ValueOf(&err).Elem()}
	}).Interface()
}

// call converts the arguments and performs the step.
func (d definition) call(w *World, run reflect.Value, given []reflect.Value) error {
	args := make([]reflect.Value, len(given))
	for i := 1; i < len(given); i++ {
		arg, err := inner(given[i], run.Type().In(i))
		if err != nil {
			return err
		}
		args[i] = arg
	}
	ctx, ok := given[0].Interface().(context.Context)
	if !ok {
		return fmt.Errorf("the step %q got no context", d.form)
	}
	return w.perform(ctx, d.expectsRefusal, func(ctx context.Context) error {
		args[0] = reflect.ValueOf(ctx)
		err, _ := run.Call(args)[0].Interface().(error)
		return err
	})
}

// outer is the type in which godog hands over an argument.
func outer(t reflect.Type) reflect.Type {
	switch t {
	case tableType:
		return reflect.TypeFor[*godog.Table]()
	case docStringType:
		return reflect.TypeFor[*godog.DocString]()
	}
	return reflect.TypeFor[string]()
}

// inner converts an argument of godog's into one of a method.
func inner(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	switch given := v.Interface().(type) {
	case *godog.Table:
		return reflect.ValueOf(tableOf(given)), nil
	case *godog.DocString:
		if given == nil {
			return v, fmt.Errorf("the step needs a text in triple quotes behind it")
		}
		return reflect.ValueOf(DocString(given.Content)), nil
	case string:
		switch t {
		case intType:
			n, err := parseCount(given)
			return reflect.ValueOf(n), err
		case durationType:
			d, err := parseDuration(given)
			return reflect.ValueOf(d), err
		}
	}
	return v, nil
}

// tableOf is nil where a step has no table.
func tableOf(given *godog.Table) Table {
	if given == nil {
		return nil
	}
	table := make(Table, len(given.Rows))
	for i, row := range given.Rows {
		for _, cell := range row.Cells {
			table[i] = append(table[i], cell.Value)
		}
	}
	return table
}
