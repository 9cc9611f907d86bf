package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) receiptRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("GET", "/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts/{Sid}", a.fetchReceipt),
		both("GET", "/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts", a.listReceipts),
	}
}

type receiptBody struct {
	conversations.Receipt
	ChatServiceSID *string `json:"chat_service_sid,omitempty"`
	URL            string  `json:"url"`
}

func (in *request) receipt(r conversations.Receipt) receiptBody {
	return receiptBody{r, in.chatServiceSID(),
		in.url("Conversations", r.ConversationSID, "Messages", r.MessageSID, "Receipts", r.SID)}
}

func (a *api) fetchReceipt(in *request) (rest.Result, error) {
	r, err := a.conversations.FetchReceipt(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["MessageSid"], in.Vars["Sid"])
	return rest.OK(in.receipt(r)), err
}

func (a *api) listReceipts(in *request) (rest.Result, error) {
	q, err := in.Paging(50)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListReceipts(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["MessageSid"], q.PageQuery)
	return rest.List(in.Request, q, "delivery_receipts", page, in.receipt), err
}
