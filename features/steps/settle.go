package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// shownExchanges is the number of exchanges that a failure lists.
const shownExchanges = 12

// perform does a step: first what it says, then whatever follows from that until nothing is under way. A refusal of
// Twilio's that the step before met with must be spoken of now.
func (w *World) perform(ctx context.Context, expectsRefusal bool, call func(context.Context) error) error {
	if w.refused != nil && !w.refused.expected && !expectsRefusal {
		return fmt.Errorf("%w\nif the scenario wants that, go on with \"Then Twilio refuses with %d, code %d\"",
			w.refused, w.refused.err.Status, w.refused.err.Code)
	}
	ctx, cancel := context.WithTimeout(ctx, w.options.StepTime)
	defer cancel()
	err := call(ctx)
	if settled := w.Settle(ctx); settled != nil {
		err = errors.Join(settled, err) // what was unhandled explains what failed, so it comes first
	}
	if err != nil {
		return fmt.Errorf("%w%s", err, w.happened())
	}
	return nil
}

// Settle returns when nothing is under way or due in the emulator and in the bridges. The error says what was asked of
// the emulator that it does not emulate, or that ctx ended before all was still.
func (w *World) Settle(ctx context.Context) error {
	for {
		settled := w.settleOnce(ctx)
		fresh, err := w.takeTraffic(ctx)
		switch {
		case settled != nil && ctx.Err() != nil:
			return fmt.Errorf("not everything came to rest in time: %w", ctx.Err())
		case settled != nil:
			return settled
		case err != nil:
			return err
		case len(fresh) == 0:
			return nil
		}
		for i := range fresh {
			if fresh[i].Unhandled != "" {
				return &UnhandledError{Exchange: fresh[i]}
			}
		}
	}
}

// takeTraffic adds what the emulator recorded since the last time to the exchanges of the scenario, and returns it. It does
// so even after ctx has ended, since that is when it matters what happened.
func (w *World) takeTraffic(ctx context.Context) ([]traffic.Exchange, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	fresh, err := w.control.ListTraffic(ctx, w.cursor, 0)
	if err == nil && len(fresh) > 0 {
		w.cursor = fresh[len(fresh)-1].Seq
		w.exchanges = append(w.exchanges, fresh...)
	}
	return fresh, err
}

func (w *World) settleOnce(ctx context.Context) error {
	if err := w.control.Settle(ctx); err != nil {
		return err
	}
	for _, b := range w.bridges {
		if err := b.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// UnhandledError says that something was asked of Twilio that the emulator does not have. It fails the scenario, whoever
// asked.
type UnhandledError struct{ Exchange traffic.Exchange }

// Error names the operation and shows the whole request and its answer.
func (e *UnhandledError) Error() string {
	x := &e.Exchange
	var b strings.Builder
	fmt.Fprintf(&b, "this operation of Twilio's is not emulated: %s\nthe request was\n", x.Unhandled)
	fmt.Fprintf(&b, "  %s %s\n", x.Method, x.URL)
	names := make([]string, 0, len(x.Request.Header))
	for name := range x.Request.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "  %s: %s\n", name, strings.Join(x.Request.Header[name], ", "))
	}
	if x.Request.Body != "" {
		fmt.Fprintf(&b, "\n  %s\n", x.Request.Body)
	}
	fmt.Fprintf(&b, "and the answer %d %s", x.Status, x.Response.Body)
	return b.String()
}

// happened lists the last exchanges of the scenario, for an error.
func (w *World) happened() string {
	if len(w.exchanges) == 0 {
		return ""
	}
	last := w.exchanges[max(0, len(w.exchanges)-shownExchanges):]
	var b strings.Builder
	b.WriteString("\nwhat the emulator saw last:")
	for i := range last {
		x := &last[i]
		what := "request to Twilio"
		if x.Direction == traffic.Out {
			what = "webhook"
		}
		fmt.Fprintf(&b, "\n  %s: %s %s → %s", what, x.Method, x.URL, outcome(x))
	}
	return b.String()
}

func outcome(x *traffic.Exchange) string {
	switch {
	case x.Error != "":
		return x.Error
	case x.Status >= http.StatusBadRequest:
		return fmt.Sprintf("%d %s", x.Status, x.Response.Body)
	}
	return fmt.Sprint(x.Status)
}
