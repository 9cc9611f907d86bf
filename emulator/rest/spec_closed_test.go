package rest_test

import "testing"

// The judge itself: a property too few or too many is seen.
func TestClosedSchemas(t *testing.T) {
	t.Parallel()
	schema := loadSpec(t).Paths.Value("/v1/Credentials/{Sid}").Get.Responses.Status(200).Value.Content.Get("application/json").Schema.Value
	whole := func() map[string]any {
		return map[string]any{"sid": "CR0123456789abcdef0123456789abcdef", "account_sid": accountSID, "friendly_name": nil, "type": "apn",
			"sandbox": "True", "date_created": "2026-11-23T17:00:00Z", "date_updated": "2026-11-23T17:00:00Z", "url": "https://example.com"}
	}
	if err := schema.VisitJSON(whole()); err != nil {
		t.Errorf("a whole body: %v", err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"one too few":  func(b map[string]any) { delete(b, "sandbox") },
		"one too many": func(b map[string]any) { b["secret"] = "x" },
		"a wrong SID":  func(b map[string]any) { b["sid"] = "CR1" },
		"a wrong type": func(b map[string]any) { b["sandbox"] = true },
		"a wrong name": func(b map[string]any) { b["type"] = "pigeon" },
		"a wrong date": func(b map[string]any) { b["date_created"] = "yesterday" },
	} {
		body := whole()
		spoil(body)
		if schema.VisitJSON(body) == nil {
			t.Errorf("%s was not seen", name)
		}
	}
}
