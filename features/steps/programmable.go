package steps

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
)

func (w *World) programmableSteps() []definition {
	return []definition{
		{form: "{account} sends {text} to {phone}'s phone", run: w.AccountSends, beside: true},
		{form: "{account} sends {phone}'s phone a message with:", run: w.AccountSendsWith},
		{form: "{account} {change} its message {text}", run: w.ChangesMessage},
		{form: "{account}'s message {text} is:", run: w.MessageIs},
		{form: "{account}'s message log shows:", run: w.MessageLogShows},
		{form: "{account}'s message log, where {text} is {text}, shows:", run: w.MessageLogWhereShows},
		{form: "{account}'s message {text} has {count} file(s)", run: w.MessageHasFiles},
		{form: "{account} deletes the file of its message {text}", run: w.DeletesFile},
	}
}

// logColumns are the columns that a table can have for a Message resource, by the names of its fields.
var logColumns = []string{"direction", "from", "to", "body", "status", "error_code", "error_message", "num_media", "date_sent",
	"messaging_service_sid"}

// logEntry is a Message resource of Programmable Messaging.
type logEntry struct {
	SID          string  `json:"sid"`
	Direction    string  `json:"direction"`
	From         string  `json:"from"`
	To           string  `json:"to"`
	Body         string  `json:"body"`
	Status       string  `json:"status"`
	ErrorCode    *int    `json:"error_code"`
	ErrorMessage *string `json:"error_message"`
	NumMedia     string  `json:"num_media"`
	DateSent     *string `json:"date_sent"`
	ServiceSID   *string `json:"messaging_service_sid"`
}

func (e logEntry) fields() map[string]string {
	code := ""
	if e.ErrorCode != nil {
		code = strconv.Itoa(*e.ErrorCode)
	}
	return map[string]string{"direction": e.Direction, "from": e.From, "to": e.To, "body": e.Body, "status": e.Status,
		"error_code": code, "error_message": deref(e.ErrorMessage), "num_media": e.NumMedia, "date_sent": deref(e.DateSent),
		"messaging_service_sid": deref(e.ServiceSID)}
}

// AccountSends creates a message from the sandbox number by Programmable Messaging.
func (w *World) AccountSends(ctx context.Context, accountName, body, owner string) error {
	return w.AccountSendsWith(ctx, accountName, owner, Table{{"name", "value"}, {"Body", body}})
}

// AccountSendsWith creates a message by Programmable Messaging with the parameters of a table, whose columns are name and
// value. Unless the table says otherwise it goes to the phone, from the sandbox number or the messaging service.
func (w *World) AccountSendsWith(ctx context.Context, accountName, owner string, table Table) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, row := range table {
		given[row[0]] = true
	}
	given["From"] = given["From"] || given["MessagingServiceSid"]
	for name, value := range map[string]string{"To": p.address(), "From": sandboxNumber} {
		if !given[name] {
			table = append(table[:len(table):len(table)], []string{name, value})
		}
	}
	return w.RequestWith(ctx, accountName, "POST "+a.messages()+".json", table)
}

// messages is the path of an account's Message resources.
func (a *account) messages() string { return "/2010-04-01/Accounts/" + a.SID + "/Messages" }

// get fetches JSON of the messaging API.
func (a *account) get(path string, into any) error {
	res, err := a.requester.SendRequest("GET", apiURL+path, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	return decode(body, into)
}

// log lists an account's messages, the latest first, narrowed by a query.
func (a *account) log(query url.Values) ([]logEntry, error) {
	query.Set("PageSize", "1000")
	var page struct{ Messages []logEntry }
	err := a.get(a.messages()+".json?"+query.Encode(), &page)
	return page.Messages, err
}

// logged is the newest message of an account with a text.
func (w *World) logged(a *account, body string) (logEntry, error) {
	list, err := a.log(url.Values{})
	if err != nil {
		return logEntry{}, err
	}
	for _, m := range list {
		if m.Body == body {
			return m, nil
		}
	}
	return logEntry{}, fmt.Errorf("%s's message log has no message %q", a.name, body)
}

// message is logged, with the account.
func (w *World) message(accountName, body string) (*account, logEntry, error) {
	a, err := w.account(accountName)
	if err != nil {
		return nil, logEntry{}, err
	}
	m, err := w.logged(a, body)
	return a, m, err
}

// ChangesMessage redacts, cancels or deletes the newest message with a text.
func (w *World) ChangesMessage(ctx context.Context, accountName, change, body string) error {
	a, m, err := w.message(accountName, body)
	if err != nil {
		return err
	}
	path := a.messages() + "/" + m.SID + ".json"
	switch change {
	case "deletes":
		return w.Request(ctx, accountName, "DELETE "+path)
	case "cancels":
		return w.RequestWith(ctx, accountName, "POST "+path, Table{{"name", "value"}, {"Status", "canceled"}})
	}
	return w.RequestWith(ctx, accountName, "POST "+path, Table{{"name", "value"}, {"Body", ""}})
}

// MessageIs fetches the newest message with a text, and compares it with the only row of a table.
func (w *World) MessageIs(_ context.Context, accountName, body string, table Table) error {
	a, m, err := w.message(accountName, body)
	if err != nil {
		return err
	}
	if err := a.get(a.messages()+"/"+m.SID+".json", &m); err != nil {
		return err
	}
	return w.compareLog(table, []logEntry{m})
}

// MessageLogShows compares all messages of an account, in and out, the latest first. The columns are fields of a Message.
func (w *World) MessageLogShows(_ context.Context, accountName string, table Table) error {
	return w.showLog(accountName, url.Values{}, table)
}

// MessageLogWhereShows is MessageLogShows with a filter of Twilio's: To, From, DateSent, DateSent<, DateSent>.
func (w *World) MessageLogWhereShows(_ context.Context, accountName, filter, wanted string, table Table) error {
	value, err := w.value(wanted)
	if err != nil {
		return err
	}
	return w.showLog(accountName, url.Values{filter: {value}}, table)
}

func (w *World) showLog(accountName string, query url.Values, table Table) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	list, err := a.log(query)
	if err != nil {
		return err
	}
	return w.compareLog(table, list)
}

func (w *World) compareLog(table Table, list []logEntry) error {
	header, rows, err := table.columns(logColumns...)
	if err != nil {
		return err
	}
	got := make([][]string, len(list))
	for i, m := range list {
		got[i] = pick(header, m.fields())
	}
	return w.compare(header, rows, got)
}

// files are the SIDs of the files of the newest message with a text.
func (w *World) files(accountName, body string) (path string, sids []string, _ error) {
	a, m, err := w.message(accountName, body)
	if err != nil {
		return "", nil, err
	}
	var page struct {
		List []struct{ Sid string } `json:"media_list"`
	}
	path = a.messages() + "/" + m.SID + "/Media"
	err = a.get(path+".json", &page)
	for _, f := range page.List {
		sids = append(sids, f.Sid)
	}
	return path, sids, err
}

// MessageHasFiles checks how many Media resources the newest message with a text has.
func (w *World) MessageHasFiles(_ context.Context, accountName, body string, count int) error {
	_, sids, err := w.files(accountName, body)
	if err == nil && len(sids) != count {
		err = fmt.Errorf("%s's message %q has %d files, not %d", accountName, body, len(sids), count)
	}
	return err
}

// DeletesFile deletes the only Media resource of the newest message with a text.
func (w *World) DeletesFile(ctx context.Context, accountName, body string) error {
	path, sids, err := w.files(accountName, body)
	if err != nil {
		return err
	}
	if len(sids) != 1 {
		return fmt.Errorf("%s's message %q has %d files; the step needs one", accountName, body, len(sids))
	}
	return w.Request(ctx, accountName, "DELETE "+path+"/"+sids[0]+".json")
}
