package azure

import (
	"errors"
	"net/http"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestErrorBodiesOfEveryService(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		status       int
		body         string
		kind         cloud.Kind // "" = what the status says
		code, detail string
		hint         bool
	}{
		{"Azure Resource Manager", 404, `{"error":{"code":"ResourceNotFound","message":"gone"}}`, "", "ResourceNotFound", "gone", false},
		{"no role", 403, `{"error":{"code":"AuthorizationFailed","message":"The client 'x' ..."}}`, "", "AuthorizationFailed", "The client 'x' ...", true},
		{"a subscription that may not be seen", 404, `{"error":{"code":"SubscriptionNotFound","message":"m"}}`, cloud.KindDenied, "SubscriptionNotFound", "m", true},
		{
			"Resource Graph, whose message is in the details", 400,
			`{"error":{"code":"BadRequest","message":"Please provide below info","details":[{"code":"NoValidSubscriptionsInQueryRequest","message":"none"},{"code":"x","message":"y"}]}}`,
			cloud.KindDenied, "NoValidSubscriptionsInQueryRequest", "none", true,
		},
		{
			"Resource Graph, a reason behind the first detail", 400,
			`{"error":{"code":"BadRequest","message":"p","details":[{"code":"InvalidQuery","message":"q"},{"code":"DisallowedOperation","message":"r"}]}}`,
			cloud.KindUnsupported, "InvalidQuery", "q", false,
		},
		{"throttled by Resource Graph", 429, `{"error":{"code":"RateLimiting","message":"m","details":[{"code":"RateLimiting","message":"wait"}]}}`, "", "RateLimiting", "wait", false},
		{"a provider that is not registered", 409, `{"error":{"code":"MissingSubscriptionRegistration","message":"m"}}`, cloud.KindUnsupported, "MissingSubscriptionRegistration", "m", false},
		{"a place that does not offer it", 404, `{"error":{"code":"NoRegisteredProviderFound","message":"m"}}`, cloud.KindUnsupported, "NoRegisteredProviderFound", "m", false},
		{"Azure Monitor without a cover", 400, `{"code":"BadRequest","message":"no such metric"}`, "", "BadRequest", "no such metric", false},
		{"Azure Monitor, not implemented", 501, `{"error":{"code":"NotImplemented","message":"m"}}`, cloud.KindUnsupported, "NotImplemented", "m", false},
		{"the retail price list", 400, `{"Error":{"Code":"BadRequest","Message":"Invalid OData parameters supplied"}}`, "", "BadRequest", "Invalid OData parameters supplied", false},
		{"with a byte order mark", 404, byteOrderMark + `{"error":{"code":"ResourceNotFound","message":"gone"}}`, "", "ResourceNotFound", "gone", false},
		{"details of another form", 400, `{"error":{"code":"BadRequest","message":"m","details":"none"}}`, "", "BadRequest", "m", false},
		{"a code that is a number", 400, `{"error":{"code":7,"message":"m"}}`, "", "", "m", false},
		{"null", 500, `{"error":null}`, "", "", "", false},
		{"a page of a gateway", 502, `<html>Bad Gateway</html>`, "", "", "", false},
		{"a forbidding gateway", 403, `<html>no</html>`, "", "", "", true},
		{"nothing", 503, ``, "", "", "", false},
		{"a list", 400, `[]`, "", "", "", false},
		{
			"the sign-in page", 401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2"}`,
			cloud.KindAuth, "invalid_client", "AADSTS7000215: Invalid client secret provided.", true,
		},
		{"the sign-in page with line ends", 400, `{"error":"invalid_grant","error_description":"AADSTS50034: No account.\r\nTrace ID: 1"}`, cloud.KindAuth, "invalid_grant", "AADSTS50034: No account.", true},
		{"an audience that a tenant lacks", 400, `{"error":"invalid_resource","error_description":"AADSTS500011: not found"}`, cloud.KindUnsupported, "invalid_resource", "AADSTS500011: not found", false},
		{"a busy sign-in page", 400, `{"error":"temporarily_unavailable","error_description":"AADSTS90033: again"}`, cloud.KindUnavailable, "temporarily_unavailable", "AADSTS90033: again", false},
		{"a throttled sign-in page", 429, `{"error":"temporarily_unavailable","error_description":"AADSTS90055"}`, "", "temporarily_unavailable", "AADSTS90055", false},
		{"a sign-in page that fails", 503, `{"error":"temporarily_unavailable"}`, "", "temporarily_unavailable", "", false},
	}
	for _, tt := range tests {
		got := classify(tt.status, nil, []byte(tt.body))
		if got.Kind != tt.kind || got.Code != tt.code || got.Detail != tt.detail || (got.Hint != "") != tt.hint {
			t.Errorf("%s: got %+v, want kind %q, code %q, %q, a hint: %v", tt.name, got, tt.kind, tt.code, tt.detail, tt.hint)
		}
	}
}

func TestRefusalsOfTheSignInPage(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]cloud.Kind{
		400: cloud.KindAuth, 401: cloud.KindAuth, 403: cloud.KindDenied, 404: cloud.KindNotFound, 405: cloud.KindAuth, 429: cloud.KindThrottled,
		500: cloud.KindUnavailable, 503: cloud.KindUnavailable,
	} {
		e, ok := errors.AsType[*cloud.Error](refusal(&http.Response{StatusCode: status}, []byte(`{"message":"no"}`)))
		if !ok || e.Kind != want || e.Status != status || e.Kind == cloud.KindAuth && e.Hint == "" {
			t.Errorf("HTTP %d: got %+v, want kind %q", status, e, want)
		}
	}
}

func FuzzFaults(f *testing.F) {
	f.Add(400, []byte(`{"error":{"code":"BadRequest","message":"m","details":[{"code":"NoValidSubscriptionsInQueryRequest","message":"d"}]}}`))
	f.Add(401, []byte(`{"error":"invalid_client","error_description":"AADSTS7000215: no. Trace ID: 1"}`))
	f.Add(500, []byte(`{"error":null}`))
	f.Add(400, []byte(`{"code":"BadRequest","message":"m"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got := classify(status, nil, body)
		switch got.Kind {
		case "", cloud.KindAuth, cloud.KindDenied, cloud.KindUnsupported, cloud.KindUnavailable:
		default:
			t.Errorf("HTTP %d %s: kind %q", status, body, got.Kind)
		}
	})
}
